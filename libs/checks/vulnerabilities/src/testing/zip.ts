import { crc32, deflateRawSync } from 'node:zlib';

/** What an archive says of each of its files, whatever is true. */
interface Lies {
  readonly size?: number;
  readonly checksum?: number;
}

/** @returns a ZIP archive of the files */
export function zipped(
  files: readonly (readonly [name: string, content: string])[],
  lies: Lies = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const common = commonHeader(packed.length, lies.size ?? bytes.length, Buffer.byteLength(name));
    common.writeUInt32LE(lies.checksum ?? crc32(bytes), 10);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, Buffer.from(name), packed]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('504b01021400', 'hex'), common, entry, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** Version needed, flags, deflated, time and date, room for the checksum, sizes, length of the name, no extra field. */
function commonHeader(packed: number, size: number, name: number): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(8, 4);
  header.writeUInt32LE(packed, 14);
  header.writeUInt32LE(size, 18);
  header.writeUInt16LE(name, 22);
  return header;
}
