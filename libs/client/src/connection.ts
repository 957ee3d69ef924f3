import { setTimeout as pause } from 'node:timers/promises';
import { ClientMisused, problemOf, UnexpectedAnswer, Unreachable } from './errors.js';
import { freshKey } from './key.js';

/** Where the platform is, and as whom it is called. */
export interface ConnectionOptions {
  /** For example `http://127.0.0.1:7070`. */
  readonly baseUrl: string;
  /** Bearer token, or where to get a fresh one for each request. */
  readonly token?: string | (() => string | Promise<string>);
  /** One attempt, without what a stream waits for. Default 30 s. */
  readonly timeoutMs?: number;
  /** How long connection errors, 502, 503 and 504 are met with another attempt. Default 15 s. */
  readonly retryForMs?: number;
  /** Ends every call, also one that waits for another attempt. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** One request. */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  /** Bytes instead of JSON. */
  readonly bytes?: { readonly content: Uint8Array; readonly mediaType: string };
  /** The stream's version that a command was decided on. */
  readonly ifMatch?: number;
  /** Makes repetitions recognisable; a POST without one gets a fresh one, kept over its retries. */
  readonly idempotencyKey?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Not now, or a gateway that does not know: the same request with the same key is safe. */
const AGAIN: readonly number[] = [502, 503, 504];

/**
 * HTTP with bounded waits. A connection error, 502, 503 or 504 is met with the same request again, the same Idempotency-Key included, so that a
 * command is carried out once however often it is sent.
 */
export class Connection {
  readonly #base: URL;
  readonly #options: ConnectionOptions;

  /** @throws ClientMisused when the base URL is none */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    try {
      this.#base = new URL(options.baseUrl);
    } catch (cause) {
      throw new ClientMisused(`${options.baseUrl} is no URL; it looks like http://127.0.0.1:7070`, { cause });
    }
  }

  /** @returns the address of a path below the base URL */
  address(path: string, query: RequestOptions['query'] = {}): URL {
    const url = new URL(`${this.#base.pathname.replace(/\/$/, '')}${path}`, this.#base);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }

  /**
   * Sends until something other than 502, 503 or 504 answers. Pauses double; who is told when to come is never earlier.
   * @returns the answer, its body unread; any status but these
   * @throws Unreachable after `retryForMs`
   */
  async send(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    const url = this.address(path, options.query);
    const request = withKey(method, { ...options, ...ended(options.signal, this.#options.signal) });
    const patience = new Patience(this.#options.retryForMs ?? 15_000);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(url, method, request);
      if (outcome instanceof Response && !AGAIN.includes(outcome.status)) return outcome;
      const wait = patience.after(outcome);
      if (wait === null) throw await this.#givenUp(url, attempt, outcome);
      if (outcome instanceof Response) await outcome.body?.cancel();
      await pause(wait, undefined, ended(request.signal));
    }
  }

  async #givenUp(url: URL, attempts: number, outcome: Response | Error): Promise<Error> {
    if (!(outcome instanceof Response)) return new Unreachable(url.origin, attempts, { cause: outcome });
    const cause = problemOf(await jsonOf(outcome).catch(() => null));
    return new Unreachable(url.origin, attempts, {
      cause: cause ?? new UnexpectedAnswer(url.href, outcome.status, 'no problem details'),
    });
  }

  async #attempt(url: URL, method: Method, options: RequestOptions): Promise<Response | Error> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? 30_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    const request: RequestInit = { method, headers: await this.headers(options), redirect: 'error', signal };
    if (options.bytes !== undefined) request.body = options.bytes.content as Uint8Array<ArrayBuffer>;
    else if (options.body !== undefined) request.body = JSON.stringify(options.body);
    try {
      return await whole(await (this.#options.fetch ?? fetch)(url, request));
    } catch (error) {
      options.signal?.throwIfAborted();
      return error instanceof Error ? error : new Unreachable(url.origin, 1, { cause: error });
    }
  }

  /** @returns the headers of a request, a fresh token among them */
  async headers(options: RequestOptions): Promise<Headers> {
    const headers = new Headers({ accept: options.accept ?? 'application/json' });
    const { token } = this.#options;
    if (token !== undefined)
      headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
    if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey);
    if (options.ifMatch !== undefined) headers.set('if-match', `"${options.ifMatch}"`);
    if (options.bytes !== undefined) headers.set('content-type', options.bytes.mediaType);
    else if (options.body !== undefined) headers.set('content-type', 'application/json');
    return headers;
  }

  /** The fetch in use; a stream reads its answer bit by bit. */
  get fetch(): typeof fetch {
    return this.#options.fetch ?? fetch;
  }
}

function ended(...signals: readonly (AbortSignal | undefined)[]): { signal?: AbortSignal } {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length === 0 ? {} : { signal: AbortSignal.any(given) };
}

const withKey = (method: Method, options: RequestOptions): RequestOptions =>
  method === 'POST' && options.idempotencyKey === undefined
    ? { ...options, idempotencyKey: freshKey() }
    : options;

/** How long is waited for another attempt. */
class Patience {
  readonly #until: number;
  #unanswered = 0;
  #told = 0;

  constructor(forMs: number) {
    this.#until = Date.now() + forMs;
  }

  /** @returns milliseconds, twice as many each time, and no fewer than `Retry-After` says; null when there is no time for it */
  after(outcome: Response | Error): number | null {
    const asked = outcome instanceof Response ? Number(outcome.headers.get('retry-after')) * 1_000 : 0;
    const isTold = Number.isFinite(asked) && asked > 0;
    const grown = isTold ? asked * 2 ** this.#told++ : FIRST_PAUSE_MS * 2 ** this.#unanswered++;
    const left = this.#until - Date.now();
    const wait = Math.max(isTold ? asked : 0, Math.min(grown, LONGEST_PAUSE_MS, left));
    return left > 0 && wait <= left ? wait : null;
  }
}

/** An answer that breaks off in its body is no answer: what is read here is met with another attempt, like a lost connection. */
async function whole(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  const copy = new Response(await response.arrayBuffer(), { status, statusText, headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}

/** @returns the body of an answer as JSON. @throws UnexpectedAnswer when it is none */
export async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UnexpectedAnswer(response.url, response.status, text.slice(0, 200), { cause });
  }
}

/** @returns the answer when it is a 2xx. @throws ApiProblem, UnexpectedAnswer */
export async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = await jsonOf(response);
  throw (
    problemOf(body) ?? new UnexpectedAnswer(response.url, response.status, JSON.stringify(body).slice(0, 200))
  );
}
