import { once } from 'node:events';
import { type Clock, type Json, systemClock } from '@kwanus/kernel';
import type { Request, Response } from 'express';

/** One event of a stream of server-sent events. */
export interface StreamedEvent {
  /** Comes back as Last-Event-ID after a reconnect: everything after it is sent then. */
  readonly id: string;
  readonly event: string;
  readonly data: Json;
}

export interface EventStreamOptions {
  /** Where the events come from, strictly after the id (null: from now on); ends or throws when the signal is aborted. */
  readonly open: (lastEventId: string | null, signal: AbortSignal) => AsyncIterable<StreamedEvent>;
  /** When the caller's token ends, in milliseconds: within a second the stream does, also where nobody reads it. */
  readonly until: number;
  /** Tokens are judged by the real time, which is the default. */
  readonly clock?: Clock;
  /** Default 15 s. */
  readonly heartbeatMs?: number;
}

const LINE_BREAKS = /\p{Cc}/gu;
const oneLine = (text: string): string => text.replaceAll(LINE_BREAKS, ' ');

/** The key in `app.locals` of the signal that is aborted when the application stops. */
export const STOPPING = 'kwanusStopping';

const WATCH_MS = 1_000;

/**
 * Answers with server-sent events until the caller leaves or its token ends, the source ends, or the application stops.
 * Use it with `@Res()`.
 * Waits for a slow reader; sends a comment every 15 s, so that proxies keep the connection.
 */
export async function sendEventStream(
  request: Request,
  response: Response,
  options: EventStreamOptions,
): Promise<void> {
  if (response.closed) return;
  const left = new AbortController();
  response.once('close', () => left.abort());
  const stopping = request.app.locals[STOPPING] as AbortSignal | undefined;
  const signal = AbortSignal.any([left.signal, ...(stopping === undefined ? [] : [stopping])]);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  const { until, clock = systemClock } = options;
  const endWhenOver = () => {
    if (clock.now() >= until) left.abort();
  };
  const watch = setInterval(endWhenOver, WATCH_MS);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), options.heartbeatMs ?? 15_000);
  try {
    for await (const event of options.open(request.get('Last-Event-ID') ?? null, signal)) {
      endWhenOver();
      if (signal.aborted) break;
      await send(response, event, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(watch);
    clearInterval(heartbeat);
    close(response);
  }
}

/** What nobody reads is dropped: it would hold the connection open. */
function close(response: Response): void {
  if (response.writableNeedDrain) response.destroy();
  else response.end();
}

async function send(
  response: Response,
  { id, event, data }: StreamedEvent,
  signal: AbortSignal,
): Promise<void> {
  const text = `id: ${oneLine(id)}\nevent: ${oneLine(event)}\ndata: ${JSON.stringify(data)}\n\n`;
  if (!response.write(text)) await once(response, 'drain', { signal });
}
