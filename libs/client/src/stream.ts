import { setTimeout as pause } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { accepted, type Connection, type RequestOptions } from './connection.js';
import { ApiProblem, UnexpectedAnswer, Unreachable } from './errors.js';

/** One message of the stream. */
export interface StreamMessage {
  /** Opaque; give it back as `lastEventId` to go on after this message. */
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Where a stream begins and when it ends. */
export interface StreamOptions {
  readonly query?: RequestOptions['query'] | undefined;
  /** Goes on after this message; without it the stream begins with what happens from now on. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
  /** How long the platform may be away before the stream gives up. Default 60 s. */
  readonly resumeForMs?: number;
}

const RETRY_MS = 500;

/**
 * Reads server-sent events and resumes after the last message when the connection breaks.
 * @throws ApiProblem when the platform refuses the stream; Unreachable when it stays away for longer than `resumeForMs`
 */
export async function* readStream(
  connection: Connection,
  path: string,
  options: StreamOptions = {},
): AsyncGenerator<StreamMessage, void, undefined> {
  let lastEventId = options.lastEventId;
  let lostAt: number | null = null;
  while (!stopped(options)) {
    try {
      for await (const message of readOnce(connection, path, { ...options, ...withId(lastEventId) })) {
        lostAt = null;
        lastEventId = message.id;
        yield message;
      }
    } catch (error) {
      if (stopped(options)) return;
      if (isFinal(error)) throw error;
    }
    lostAt ??= Date.now();
    if (Date.now() - lostAt > (options.resumeForMs ?? 60_000))
      throw new Unreachable(connection.address(path).origin, 1, {});
    await pause(RETRY_MS, undefined, { ref: true });
  }
}

const AGAIN: readonly number[] = [502, 503, 504];

/** An answer that another attempt won't change; everything else is a connection that broke. */
const isFinal = (error: unknown): boolean =>
  (error instanceof ApiProblem || error instanceof UnexpectedAnswer) && !AGAIN.includes(error.status);

const stopped = ({ signal }: StreamOptions): boolean => signal?.aborted ?? false;

const withId = (lastEventId: string | undefined) => (lastEventId === undefined ? {} : { lastEventId });

async function* readOnce(
  connection: Connection,
  path: string,
  options: StreamOptions,
): AsyncGenerator<StreamMessage, void, undefined> {
  const headers = await connection.headers({ accept: 'text/event-stream' });
  if (options.lastEventId !== undefined) headers.set('last-event-id', options.lastEventId);
  const response = await connection.fetch(connection.address(path, options.query), {
    headers,
    redirect: 'error',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const { body } = await accepted(response);
  if (body === null) return;
  const waiting: StreamMessage[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) =>
      waiting.push({ id: id ?? '', event: event ?? 'message', data: parsed(response, data) }),
  });
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    parser.feed(text);
    yield* waiting.splice(0);
  }
}

function parsed(response: Response, data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch (cause) {
    throw new UnexpectedAnswer(response.url, response.status, data.slice(0, 200), { cause });
  }
}
