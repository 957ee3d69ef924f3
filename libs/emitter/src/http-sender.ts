import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { HttpTarget } from './options.js';
import type { Attempt, Batch, Sender } from './sender.js';
import { within } from './within.js';

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

const REQUEST_MS = 10_000;
const LONGEST_ANSWER = 256 * 1024;
/** An hour: whoever is told to wait longer asks again then. */
const LONGEST_WAIT_MS = 3_600_000;
/** 409: the same key is being worked on. */
const WORTH_RETRYING = new Set([408, 409, 425, 429]);
const PLACE_OF_AN_EVENT = /^\/(\d+)(\/|$)/;

/** Sends CloudEvents batches to `/v1/telemetry`. Its connections don't keep the process alive. */
export class HttpSender implements Sender {
  readonly #target: HttpTarget;
  readonly #url: URL;
  readonly #module: typeof http | typeof https;
  readonly #agent: http.Agent;

  /** @throws TypeError when the URL is none */
  constructor(target: HttpTarget) {
    this.#target = target;
    this.#url = new URL('/v1/telemetry', target.url);
    this.#module = this.#url.protocol === 'https:' ? https : http;
    this.#agent = new this.#module.Agent({ keepAlive: true, maxSockets: 1 });
  }

  async send(batch: Batch, signal: AbortSignal): Promise<Attempt> {
    try {
      const first = await this.#post(batch, signal);
      // A token that has run out is asked for once more.
      const again = first.status === 401 && typeof this.#target.token === 'function';
      return attemptOf(again ? await this.#post(batch, signal) : first);
    } catch (error) {
      return { outcome: 'later', known: neverConnected(error), error };
    }
  }

  idle(): void {
    // An idle connection is kept for the next batch: it holds nobody up.
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #post({ key, events }: Batch, signal: AbortSignal): Promise<Answer> {
    const bearer = await this.#token(signal);
    const body = Buffer.from(JSON.stringify(events));
    const headers = {
      'content-type': 'application/cloudevents-batch+json',
      'content-length': body.byteLength,
      authorization: `Bearer ${bearer}`,
      'idempotency-key': key,
    };
    const request = this.#module.request(this.#url, { method: 'POST', headers, agent: this.#agent });
    request.on('socket', (socket) => socket.unref());
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
    });
    request.end(body);
    try {
      return await within(answer.then(read), REQUEST_MS, signal);
    } catch (error) {
      request.destroy();
      throw error;
    }
  }

  async #token(signal: AbortSignal): Promise<string> {
    const { token } = this.#target;
    return typeof token === 'string' ? token : within(Promise.resolve().then(token), REQUEST_MS, signal);
  }
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > LONGEST_ANSWER) break;
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function attemptOf({ status, retryAfter, text }: Answer): Attempt {
  if (status >= 200 && status < 300) return { outcome: 'taken' };
  const error = new Error(`The platform answered ${status}: ${text.slice(0, 500)}`);
  if (status === 413) return { outcome: 'too-large', error };
  if (status >= 500 || WORTH_RETRYING.has(status))
    return { outcome: 'later', known: status < 500, ...waitOf(retryAfter), error };
  return { outcome: 'refused', ...eventsAtFault(text), error };
}

/** RFC 9110: seconds or a date. */
function waitOf(retryAfter: string | undefined): { waitMs?: number } {
  if (retryAfter === undefined) return {};
  const seconds = Number(retryAfter);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(waitMs) ? { waitMs: Math.min(Math.max(0, waitMs), LONGEST_WAIT_MS) } : {};
}

/** RFC 9457 with `errors[{pointer}]`, where `/3/data/status` is the status of the fourth event. */
function eventsAtFault(text: string): { events?: ReadonlySet<number> } {
  const events = new Set(pointersIn(text).map((pointer) => PLACE_OF_AN_EVENT.exec(pointer)?.[1]));
  if (events.size === 0 || events.has(undefined)) return {};
  return { events: new Set([...events].map(Number)) };
}

function pointersIn(text: string): readonly string[] {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { pointer?: unknown }[] };
    return (errors ?? []).map(({ pointer }) => String(pointer));
  } catch {
    return [];
  }
}

const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const neverConnected = (error: unknown): boolean =>
  NEVER_CONNECTED.has(String((error as { code?: unknown } | null)?.code));
