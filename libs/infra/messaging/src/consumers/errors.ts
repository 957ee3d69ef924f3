/** A message that does not prove where it belongs: it is parked alone, and its partition moves on. */
export class UntrustedMessage extends Error {
  override readonly name = 'UntrustedMessage';
  readonly code = 'untrusted-message';
}

/** A version of the stream is missing before this one, or this one was never part of it: it waits until the missing one comes. */
export class StreamGap extends Error {
  override readonly name = 'StreamGap';
  readonly code = 'stream-gap';
  constructor(
    readonly streamId: string,
    readonly expected: number,
    found: number,
  ) {
    super(
      `${streamId}: version ${found} came, ${expected} was expected; it is parked. Let the producer send what is missing: kwanus relay republish ${streamId} --from ${expected}. What it never sent is forged: skip it.`,
    );
  }
}

/** The producer tells another history than before: its database was restored, or somebody else writes its topic. */
export class StreamForked extends Error {
  override readonly name = 'StreamForked';
  readonly code = 'stream-forked';
  constructor(streamId: string, version: number, what: string) {
    super(
      `${streamId}, version ${version}: ${what}. The producer's history forked, as after a restore; compare both logs before the key is re-driven or skipped.`,
    );
  }
}

/** A message of the right source that does not fit its schema, or whose type is newer than this consumer. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
  readonly code = 'message-refused';
}

/** Too many messages wait behind a parked one: the partition stops until somebody decides. */
export class ParkingFull extends Error {
  override readonly name = 'ParkingFull';
  readonly code = 'parking-full';
  constructor(consumer: string, key: string, limit: number) {
    super(
      `${consumer}: ${limit} messages of key ${key} are parked, and its partition stops. Decide: kwanus parked redrive|skip ${consumer} ${key}`,
    );
  }
}

const TRANSIENT_SQL = /^(08|40|53|57P|58|25P03)/;
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  // A socket's queue that is full is refused at once.
  'EAGAIN',
  'unavailable',
]);
const TRANSIENT_NAMES = new Set(['VersionConflict', 'Unavailable', 'TransportUnavailable', 'Fenced']);

/** transaction_timeout: the handler's own fault, and no better next time. */
const TOOK_TOO_LONG = '25P04';
const TRANSIENT_WORDS = /connection (terminated|timeout|ended)|timeout exceeded when trying/i;

/** @returns true when trying again may help though nothing about the message changes: database or transport gone, a conflict */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, message, cause, driverError } = error as Record<string, unknown>;
  if (causedBy(error, TOOK_TOO_LONG)) return false;
  return (
    TRANSIENT_NAMES.has(String(name)) ||
    isTransientCode(String(code)) ||
    TRANSIENT_WORDS.test(String(message)) ||
    isTransient(driverError) ||
    isTransient(cause)
  );
}

const isTransientCode = (code: string): boolean =>
  TRANSIENT_CODES.has(code) || (code.length === 5 && TRANSIENT_SQL.test(code));

function causedBy(error: unknown, wanted: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, driverError } = error as Record<string, unknown>;
  return code === wanted || causedBy(cause, wanted) || causedBy(driverError, wanted);
}

/** @returns what is written beside a parked message */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
