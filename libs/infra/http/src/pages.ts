import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Json } from '@kwanus/kernel';
import { z } from 'zod';
import { HttpProblem } from './problem.js';
import { wholeNumber } from './whole-number.js';

/** Query parameters of a list: spread into the schema of a route's query. */
export const pageQuery = {
  limit: wholeNumber(1, 200)
    .optional()
    .transform((limit) => limit ?? 50)
    .meta({ description: 'Items in one page: 1 to 200; 50 when left out.' }),
  cursor: z
    .string()
    .max(2048)
    .optional()
    .meta({ description: '`next` of the page before; opaque, holds for the same query and caller only.' }),
};

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** @returns the schema of a page of the items */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** Makes and reads cursors: opaque, authenticated (HMAC-SHA-256), bound to the list and the caller that they were made for. */
export class Cursors {
  readonly #key: Uint8Array;

  /** @param key the installation's cursor key; another key is derived from it, so that it may serve other ends too */
  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), 'kwanus page cursors', 32));
  }

  /**
   * @param scope what the cursor holds for: route, filters, and whose view (for example `integrations|partner=acme`)
   * @param position where the next page begins: the last item's sort key
   */
  encode(scope: string, position: Json): string {
    const body = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.#sign(scope, body), body]).toString('base64url');
  }

  /** @returns the position, null when there is no cursor. @throws HttpProblem cursor-invalid */
  decode(scope: string, cursor: string | undefined): Json {
    if (cursor === undefined) return null;
    const bytes = Buffer.from(cursor, 'base64url');
    const body = bytes.subarray(SIGNATURE_BYTES);
    const signature = this.#sign(scope, body);
    if (bytes.length <= SIGNATURE_BYTES || !timingSafeEqual(signature, bytes.subarray(0, SIGNATURE_BYTES)))
      throw new HttpProblem(
        'cursor-invalid',
        'The cursor was not made by this list for this caller and these filters: begin again without it.',
      );
    return JSON.parse(body.toString()) as Json;
  }

  /** @returns the page: give it one item more than the limit, so that it knows whether there is a next one */
  page<Item>(
    scope: string,
    found: readonly Item[],
    limit: number,
    positionOf: (item: Item) => Json,
  ): Page<Item> {
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    return { items, next: more ? this.encode(scope, positionOf(last)) : null };
  }

  #sign(scope: string, body: Uint8Array): Buffer {
    const scopeBytes = Buffer.from(scope);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(scopeBytes.length);
    return createHmac('sha256', this.#key)
      .update(length)
      .update(scopeBytes)
      .update(body)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  }
}

const SIGNATURE_BYTES = 16;
