import { crc32, deflateRawSync } from 'node:zlib';

/** What an archive says of each of its files, whatever is true. */
interface Lies {
  readonly size?: number;
  readonly checksum?: number;
  /** Every file stands where the first one does. */
  readonly overlapping?: boolean;
  /** Every file is a symbolic link. */
  readonly links?: boolean;
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
    entry.writeUInt32LE(lies.links === true ? 0o120777 * 65_536 : 0, 6);
    entry.writeUInt32LE(lies.overlapping === true ? 0 : offset, 10);
    directory.push(Buffer.concat([Buffer.from('504b01021403', 'hex'), common, entry, Buffer.from(name)]));
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

/** @returns a ZIP64 archive that says it holds so many files, and holds none */
export function announcing(files: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.write('504b0606', 0, 'hex');
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(files), 24);
  end64.writeBigUInt64LE(BigInt(files), 32);
  const locator = Buffer.alloc(20);
  locator.write('504b0607', 0, 'hex');
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write('504b0506', 0, 'hex');
  end.fill(0, 4, 8);
  end.fill(0, 20);
  return Buffer.concat([end64, locator, end]);
}
