import { createHash } from 'node:crypto';

/** The algorithm of the hashes that are written now: SHA-256 over length-prefixed fields. */
export const HASH_ALGORITHM = 1;

/** `prev_hash` of the first event of a stream. */
export const NO_HASH = '0'.repeat(64);

/** What the hash of an event covers, in this order. */
export interface HashedEvent {
  /** 64 hexadecimal digits; 32 bytes, the only field without a length before it. */
  readonly prevHash: string;
  readonly algorithm: number;
  readonly tenantId: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** The stored text, byte for byte. */
  readonly data: string;
  readonly meta: string;
  /** Microseconds since 1970. */
  readonly occurredAt: bigint;
  readonly recordedAt: bigint;
}

/** @returns SHA-256 of the bytes or of the text's UTF-8, 64 hexadecimal digits */
export const sha256Hex = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** @returns the hash of an event, 64 hexadecimal digits; docs/reference/event-log.md has the layout */
export function eventHash(event: HashedEvent): string {
  const fields: (Uint8Array | null)[] = [
    integer(event.algorithm),
    Buffer.from(event.tenantId),
    Buffer.from(event.streamType),
    Buffer.from(event.streamId),
    integer(event.version),
    Buffer.from(event.eventId.replaceAll('-', ''), 'hex'),
    Buffer.from(event.type),
    integer(event.schemaVersion),
    Buffer.from(event.data),
    Buffer.from(event.meta),
    integer(event.occurredAt),
    integer(event.recordedAt),
  ];
  const hash = createHash('sha256').update(Buffer.from(event.prevHash, 'hex'));
  for (const field of fields) hash.update(lengthPrefixed(field));
  return hash.digest('hex');
}

const NULL_LENGTH = 0xffffffff;

/** @returns four bytes of length, big-endian, then the bytes; null is the length 0xFFFFFFFF alone */
export function lengthPrefixed(field: Uint8Array | null): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field === null ? NULL_LENGTH : field.length);
  return field === null ? length : Buffer.concat([length, field]);
}

function integer(value: number | bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6})\d*)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * @param text RFC 3339, or PostgreSQL's own form of a time in UTC; digits after the sixth are cut off
 * @returns microseconds since 1970, exact: no JavaScript Date holds them
 * @throws RangeError when it is no time
 */
export function microseconds(text: string): bigint {
  const found = TIMESTAMP.exec(text);
  const offset = found?.[8] ?? 'Z';
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
  const seconds =
    found === null ? Number.NaN : Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}${zone}`);
  if (Number.isNaN(seconds) || !isOfCalendar(text.slice(0, 10)))
    throw new RangeError(`Not a time of RFC 3339: ${text}`);
  return BigInt(seconds) * 1000n + BigInt((found?.[7] ?? '').padEnd(6, '0'));
}

/** Date.parse takes the 30th of February for the 2nd of March. */
const isOfCalendar = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
