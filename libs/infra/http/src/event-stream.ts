import { once } from 'node:events';
import type { Json } from '@kwanus/kernel';
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
  /** Default 15 s. */
  readonly heartbeatMs?: number;
}

const LINE_BREAKS = /\p{Cc}/gu;
const oneLine = (text: string): string => text.replaceAll(LINE_BREAKS, ' ');

/** The key in `app.locals` of the signal that is aborted when the application stops. */
export const STOPPING = 'kwanusStopping';

/**
 * Answers with server-sent events until the caller leaves, the source ends, or the application stops. Use it with `@Res()`.
 * Waits for a slow reader; sends a comment every 15 s, so that proxies keep the connection.
 */
export async function sendEventStream(
  request: Request,
  response: Response,
  options: EventStreamOptions,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const stopping = request.app.locals[STOPPING] as AbortSignal | undefined;
  const signal = stopping === undefined ? left.signal : AbortSignal.any([left.signal, stopping]);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  const heartbeat = setInterval(() => response.write(': still here\n\n'), options.heartbeatMs ?? 15_000);
  try {
    for await (const event of options.open(request.get('Last-Event-ID') ?? null, signal)) {
      if (signal.aborted) break;
      await send(response, event, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

async function send(
  response: Response,
  { id, event, data }: StreamedEvent,
  signal: AbortSignal,
): Promise<void> {
  const text = `id: ${oneLine(id)}\nevent: ${oneLine(event)}\ndata: ${JSON.stringify(data)}\n\n`;
  if (!response.write(text)) await once(response, 'drain', { signal });
}
