import type { Envelope } from './envelope.js';
import { StreamForked, StreamGap } from './errors.js';

const FIRST_PREV_HASH = '0'.repeat(64);

/** What is to be done with a message. */
export type Standing = 'next' | 'duplicate' | 'stale';

/** An event that a consumer has handled. */
export interface Handled {
  readonly eventId: string;
  readonly hash: string;
}

/** How far a consumer has come in a producer's stream. */
export interface StreamPosition extends Handled {
  readonly version: number;
}

/** Stands for an event that was given up unseen: its successor is believed whatever it follows. */
export const UNSEEN = { id: '00000000-0000-0000-0000-000000000000', hash: '' };
/** Of a stream that nothing came of. */
export const BEGINNING: StreamPosition = { version: 0, eventId: UNSEEN.id, hash: FIRST_PREV_HASH };

/**
 * Judges a message by what came before it in its stream, and by what came in its place.
 * @param handledAt what was handled at a version of the stream that is not new
 * @throws StreamGap, StreamForked
 */
export async function judge(
  { id, hash, prevHash, streamId, version }: Envelope,
  last: StreamPosition,
  handledAt: () => Promise<readonly Handled[]>,
): Promise<Standing> {
  if (version > last.version + 1) throw new StreamGap(streamId, last.version + 1, version);
  if (version === last.version + 1) {
    if (last.hash !== UNSEEN.hash && prevHash !== last.hash)
      throw new StreamForked(streamId, version, `it does not follow ${last.hash}`);
    return 'next';
  }
  const handled = [...(await handledAt())];
  if (version === last.version && last.eventId !== UNSEEN.id) handled.push(last);
  if (handled.some((known) => known.eventId === id && known.hash === hash)) return 'duplicate';
  if (handled.length > 0)
    throw new StreamForked(streamId, version, 'another event stood there, or the same with other content');
  return 'stale';
}
