import { createHash, randomFillSync } from 'node:crypto';

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The name space of ids that no library defines for itself; a UUIDv4 made once. */
export const KWANUS_NAMESPACE = '0f3e1c5a-7f0b-4f6e-9a64-5b1f0d8c2e71';

/** @returns whether the text is a UUID of any version */
export const isUuid = (text: string): boolean => FORM.test(text);

/** @returns the UUIDv5 (RFC 9562) of a name in a name space: the same name has the same id */
export function uuidv5(name: string, namespace: string = KWANUS_NAMESPACE): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  return formatted(bytes, 5);
}

let random = Buffer.alloc(0);
let used = 0;
let last = 0;
let sequence = 0;

/**
 * @param now milliseconds since 1970
 * @returns a UUIDv7 (RFC 9562): time first, then a counter of this process, then 62 random bits
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > last) {
    last = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    last += 1;
    sequence = 0;
  }
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(last, 0, 6);
  bytes.writeUInt16BE(sequence, 6);
  if (used >= random.length) {
    random = randomFillSync(Buffer.alloc(2048));
    used = 0;
  }
  random.copy(bytes, 8, used, used + 8);
  used += 8;
  return formatted(bytes, 7);
}

function formatted(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
