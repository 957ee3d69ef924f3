import type { z } from 'zod';
import { accepted, type Connection, jsonOf, type RequestOptions } from './connection.js';
import { UnexpectedAnswer } from './errors.js';

/** How a command is sent. */
export interface CommandOptions {
  /** The caller's own, so that a repetition after a crash is recognised; a fresh one otherwise. */
  readonly idempotencyKey?: string;
  /** The version that the command was decided on; refused (412) when it is stale. */
  readonly ifMatch?: number;
  /** Of a question that is sent as a body. */
  readonly query?: RequestOptions['query'] | undefined;
  readonly signal?: AbortSignal;
}

/** How something is read. */
export interface ReadOptions {
  readonly query?: RequestOptions['query'] | undefined;
  readonly signal?: AbortSignal;
}

/** A page of a list. */
export interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Typed requests: what is answered is checked against the contract. */
export class Calls {
  constructor(readonly connection: Connection) {}

  /** Reads. @throws ApiProblem, Unreachable, UnexpectedAnswer */
  async get<Answer>(path: string, schema: z.ZodType<Answer>, options: ReadOptions = {}): Promise<Answer> {
    const response = await accepted(await this.connection.send('GET', path, options));
    return checked(response, schema);
  }

  /** Sends a command; repeated with the same key until it is answered. @throws ApiProblem, Unreachable, UnexpectedAnswer */
  async post<Answer>(
    path: string,
    body: unknown,
    schema: z.ZodType<Answer>,
    options: CommandOptions = {},
  ): Promise<Answer> {
    const response = await accepted(await this.connection.send('POST', path, { ...options, body }));
    return checked(response, schema);
  }

  /** Every item of a list, page by page. @throws ApiProblem, Unreachable, UnexpectedAnswer */
  async *all<Item>(
    path: string,
    schema: z.ZodType<PageOf<Item>>,
    options: ReadOptions = {},
  ): AsyncGenerator<Item, void, undefined> {
    let cursor: string | null = null;
    do {
      const query: RequestOptions['query'] = { ...options.query, ...(cursor === null ? {} : { cursor }) };
      const page: PageOf<Item> = await this.get(path, schema, { ...options, query });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }
}

async function checked<Answer>(response: Response, schema: z.ZodType<Answer>): Promise<Answer> {
  const parsed = schema.safeParse(await jsonOf(response));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnexpectedAnswer(response.url, response.status, `${issue?.path.join('/')}: ${issue?.message}`, {
    cause: parsed.error,
  });
}

/** @returns the text as one segment of a path */
export const segment = (text: string): string => encodeURIComponent(text);
