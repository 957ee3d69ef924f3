import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type EntityName, NotFollowed, type PatternPart } from './evaluate.js';

/** Everything that policies can tell requests apart by. */
export interface Literals {
  readonly entities: readonly EntityName[];
  /** Entity types that an `is` names. */
  readonly types: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
  readonly patterns: readonly (readonly PatternPart[])[];
  /** Each list of fields that a request's fields are compared with. */
  readonly fieldSets: readonly (readonly string[])[];
  readonly moments: readonly number[];
}

class Collector implements Literals {
  readonly entities: EntityName[] = [];
  readonly types = new Set<string>();
  readonly texts = new Set<string>();
  readonly patterns: (readonly PatternPart[])[] = [];
  readonly fieldSets: (readonly string[])[] = [];
  readonly moments: number[] = [];

  visit(node: unknown): void {
    if (Array.isArray(node)) for (const each of node) this.visit(each);
    else if (typeof node === 'object' && node !== null)
      for (const [kind, inner] of Object.entries(node)) this.#enter(kind, inner);
  }

  #enter(kind: string, inner: unknown): void {
    if (kind === 'Value') this.#value(inner);
    else if (kind === 'entity' || kind === '__entity') this.entities.push(inner as EntityName);
    else if (kind === 'entities') this.entities.push(...(inner as EntityName[]));
    else if (kind === 'entity_type') this.types.add(String(inner));
    else if (kind === 'datetime') this.#moment(inner);
    else if (kind === 'like') this.#pattern(inner as Like);
    else if (COMPARES_SETS.has(kind) && comparesFields(inner)) this.#fields(inner as Pair);
    else this.visit(inner);
  }

  #value(value: unknown): void {
    if (typeof value === 'string') this.texts.add(value);
    else this.visit(value);
  }

  #moment(parts: unknown): void {
    const moment = Date.parse(String((parts as { Value?: unknown }[])[0]?.Value));
    if (Number.isNaN(moment)) throw new NotFollowed('a moment that is none');
    this.moments.push(moment);
  }

  #pattern({ left, pattern }: Like): void {
    this.visit(left);
    this.patterns.push(pattern);
  }

  #fields({ left, right }: Pair): void {
    const other = isFields(left) ? right : left;
    const listed = (other as { Set?: unknown[] }).Set ?? [other];
    this.fieldSets.push(
      listed.map((entry) => {
        const text = (entry as { Value?: unknown }).Value;
        if (typeof text !== 'string') throw new NotFollowed('fields compared with what is not written out');
        return text;
      }),
    );
  }
}

interface Pair {
  readonly left: unknown;
  readonly right: unknown;
}
interface Like {
  readonly left: unknown;
  readonly pattern: readonly PatternPart[];
}

const COMPARES_SETS = new Set(['==', '!=', 'in', 'contains', 'containsAll', 'containsAny']);
const isFields = (node: unknown): boolean => {
  const access = (node as { '.'?: { left?: { Var?: unknown }; attr?: unknown } } | null)?.['.'];
  return access?.left?.Var === 'context' && access.attr === 'fields';
};
const comparesFields = (node: unknown): boolean =>
  isFields((node as Pair | null)?.left) || isFields((node as Pair | null)?.right);

/** @returns what the policies name. @throws NotFollowed */
export function literalsOf(policies: readonly PolicyJson[]): Literals {
  const found = new Collector();
  for (const { principal, action, resource, conditions } of policies)
    found.visit([principal, action, resource, conditions.map(({ body }) => body)]);
  return found;
}
