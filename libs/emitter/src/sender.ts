import type { CloudEvent } from './cloud-event.js';

/** Events that are sent together, under a key that stays the same for every attempt. */
export interface Batch {
  readonly key: string;
  readonly events: readonly CloudEvent[];
}

/** What an attempt to bring a batch came to. */
export type Attempt =
  | { readonly outcome: 'taken' }
  /** Nothing of it was taken. `events`: the places of those that are at fault; absent where it is the batch as such. */
  | { readonly outcome: 'refused'; readonly events?: ReadonlySet<number>; readonly error: unknown }
  | { readonly outcome: 'too-large'; readonly error: unknown }
  /** To be tried again. `known`: it is certain that nothing was taken. */
  | {
      readonly outcome: 'later';
      readonly known: boolean;
      readonly waitMs?: number;
      readonly error: unknown;
    };

/** A way to the platform. Nothing of it rejects, and nothing keeps the process alive. */
export interface Sender {
  /** @param signal aborted when there is no more time: the attempt ends at once, as one to be tried again */
  send(batch: Batch, signal: AbortSignal): Promise<Attempt>;
  /** Nothing more waits to be sent for the moment. */
  idle(): void;
  close(): Promise<void>;
}
