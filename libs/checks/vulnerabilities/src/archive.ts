import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';

/** An archive can't be read. Continues its name. */
export class ArchiveBroken extends Error {
  override readonly name = 'ArchiveBroken';
}

const BLOCK_BYTES = 1024 * 1024;
const LOCAL_HEADER_BYTES = 30;
const DEFLATED = 8;
/** Of the mode that Unix keeps in the upper half of the attributes: the kind of file, and a symbolic link. */
const KIND = 0o170000;
const LINK = 0o120000;
/** The largest of osv.dev has a quarter of them. */
const MOST_ENTRIES = 1_000_000;

/** A file that is read in large blocks, at once: asking for each of 100 000 small pieces by itself takes far longer. */
class BlockReader extends RandomAccessReader {
  readonly size: number;
  readonly #descriptor: number;
  #block = Buffer.alloc(0);
  #start = 0;

  constructor(path: string) {
    super();
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** @throws ArchiveBroken where the file ends before */
  bytes(position: number, length: number): Buffer {
    const from = position - this.#start;
    if (from < 0 || from + length > this.#block.length) this.#load(position, length);
    const at = position - this.#start;
    return this.#block.subarray(at, at + length);
  }

  override read(
    ...[buffer, offset, length, position, callback]: Parameters<RandomAccessReader['read']>
  ): void {
    try {
      this.bytes(position, length).copy(buffer, offset);
    } catch (error) {
      callback(error instanceof Error ? error : new ArchiveBroken(String(error)));
      return;
    }
    callback(null);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from([this.bytes(start, end - start)]);
  }

  override close(callback: (error: Error | null) => void): void {
    closeSync(this.#descriptor);
    callback(null);
  }

  #load(position: number, length: number): void {
    const wanted = Math.min(Math.max(length, BLOCK_BYTES), this.size - position);
    if (wanted < length) throw new ArchiveBroken('ends too soon');
    const block = Buffer.allocUnsafe(wanted);
    if (readSync(this.#descriptor, block, 0, wanted, position) !== wanted)
      throw new ArchiveBroken('ends too soon');
    this.#block = block;
    this.#start = position;
  }
}

/**
 * Reads the files of a ZIP archive one by one; none is written anywhere.
 * @param most bytes that one of them may have
 * @throws ArchiveBroken, and what the archive's own reader throws
 */
export async function* archivedFiles(
  path: string,
  most: number,
): AsyncGenerator<readonly [name: string, content: Buffer]> {
  const directory = new BlockReader(path);
  const contents = new BlockReader(path);
  try {
    const options = { autoClose: false, lazyEntries: true };
    const archive = await fromRandomAccessReaderPromise(directory, directory.size, options);
    if (archive.entryCount > MOST_ENTRIES) throw new ArchiveBroken(`holds more than ${MOST_ENTRIES} files`);
    const seen = new Set<number>();
    let packed = 0;
    for await (const entry of archive.eachEntry()) {
      packed += LOCAL_HEADER_BYTES + entry.compressedSize;
      // Files that share bytes would let a small archive be read for ever.
      if (seen.has(entry.relativeOffsetOfLocalHeader) || packed > directory.size)
        throw new ArchiveBroken(`holds ${entry.fileName}, which overlaps another file`);
      seen.add(entry.relativeOffsetOfLocalHeader);
      if (((entry.externalFileAttributes >>> 16) & KIND) === LINK)
        throw new ArchiveBroken(`holds ${entry.fileName}, which is a link`);
      yield [entry.fileName, inflated(contents, entry, most)];
    }
  } finally {
    for (const reader of [directory, contents]) reader.close(() => undefined);
  }
}

function inflated(contents: BlockReader, entry: Entry, most: number): Buffer {
  const { fileName, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader: start } = entry;
  if (Math.max(compressedSize, uncompressedSize) > most || entry.isEncrypted())
    throw new ArchiveBroken(`holds ${fileName}, which is too large or encrypted`);
  const header = contents.bytes(start, LOCAL_HEADER_BYTES);
  const data = start + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = contents.bytes(data, compressedSize);
  const content =
    entry.compressionMethod === DEFLATED ? inflateRawSync(packed, { maxOutputLength: most }) : packed;
  if (content.length === uncompressedSize && crc32(content) === entry.crc32) return content;
  throw new ArchiveBroken(`holds ${fileName} with another content than it says`);
}
