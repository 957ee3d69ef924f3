import type { Json } from '@kwanus/kernel';
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { segmentsOf } from '../pointer.js';
import type { PatchOperation } from './fix.js';

type Collection = YAMLMap | YAMLSeq;

/** A value that stands in two places is written in both: documents with aliases are refused. */
const PLAIN = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/** Where something stands in the text, without what follows it. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** @returns the text with the operation carried out in its place; null where that is not known how */
export function edited(
  text: string,
  document: Document,
  operation: PatchOperation,
  json: boolean,
): string | null {
  const segments = segmentsOf(operation.path);
  const key = segments.at(-1) ?? '';
  const parent = segments.length === 1 ? document.contents : document.getIn(segments.slice(0, -1), true);
  return isMap(parent) || isSeq(parent) ? editedIn(new TextEdit(text, parent, json), key, operation) : null;
}

function editedIn(edit: TextEdit, key: string, operation: PatchOperation): string | null {
  const place = edit.placeOf(key);
  if (operation.op === 'remove') return place === null ? null : edit.remove(place);
  const map = isMap(edit.parent);
  if (place !== null && (map || operation.op === 'replace')) return edit.replace(place, operation.value);
  return map || key === '-' ? edit.append(key, operation.value) : null;
}

/** Edits of one collection, by the offsets of its entries. */
class TextEdit {
  readonly #spans: readonly (Span | null)[];
  readonly #flow: boolean;

  constructor(
    readonly text: string,
    readonly parent: Collection,
    readonly json: boolean,
  ) {
    this.#spans = (parent.items as readonly unknown[]).map((item) => this.#spanOf(item));
    this.#flow = parent.flow === true;
  }

  placeOf(key: string): number | null {
    const place = isSeq(this.parent)
      ? Number(key)
      : this.parent.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key);
    return Number.isInteger(place) && place >= 0 && place < this.parent.items.length ? place : null;
  }

  replace(place: number, value: Json): string | null {
    const item: unknown = this.parent.items[place];
    const node = isPair(item) ? item.value : item;
    if (!isNode(node) || !node.range) return null;
    const start = node.range[0];
    return this.#spliced({ start, end: this.#trimmed(start, node.range[1]) }, this.#inline(value));
  }

  remove(place: number): string | null {
    const span = this.#spans[place] ?? null;
    if (span === null) return null;
    if (this.#spans.length === 1) return this.#emptied();
    const next = this.#spans[place + 1] ?? null;
    if (this.#flow) return this.#removeInline(span, [this.#spans[place - 1] ?? null, next]);
    return this.#removeLines(span, next);
  }

  #removeLines(span: Span, next: Span | null): string | null {
    const line = this.#lineOf(span.start);
    const alone = /^\s*(?:-\s+)?$/.test(this.text.slice(line, span.start)) && isSeq(this.parent);
    if (alone || /^\s*$/.test(this.text.slice(line, span.start)))
      return this.#spliced({ start: line, end: this.#afterLine(span.end) }, '');
    return next ? this.#spliced({ start: span.start, end: next.start }, '') : null;
  }

  #removeInline({ start, end }: Span, [previous, next]: readonly [Span | null, Span | null]): string | null {
    if (next !== null) return this.#spliced({ start, end: next.start }, '');
    return previous === null ? null : this.#spliced({ start: previous.end, end }, '');
  }

  append(key: string, value: Json): string | null {
    const last = this.#spans.at(-1);
    if (last === undefined) return this.#filled(key, value);
    if (last === null) return null;
    const line = this.#lineOf(last.start);
    const before = this.text.slice(line, last.start);
    if (this.#flow) {
      const separator = /^\s*$/.test(before) ? `,\n${before}` : ', ';
      return this.#spliced({ start: last.end, end: last.end }, separator + this.#entry(key, value));
    }
    const indent = isSeq(this.parent) ? /^(\s*)-\s+$/.exec(before)?.[1] : ' '.repeat(before.length);
    if (indent === undefined) return null;
    const at = this.#afterLine(last.end);
    const begin = at > 0 && this.text[at - 1] !== '\n' ? '\n' : '';
    const lines = this.#block(key, value).map((each) => (each === '' ? '' : indent + each));
    return this.#spliced({ start: at, end: at }, `${begin}${lines.join('\n')}\n`);
  }

  #filled(key: string, value: Json): string | null {
    const { range } = this.parent;
    if (!range || !this.#flow) return null;
    const whole = isSeq(this.parent) ? [value] : { [key]: value };
    return this.#spliced({ start: range[0], end: this.#trimmed(range[0], range[1]) }, this.#inline(whole));
  }

  #emptied(): string | null {
    const { range } = this.parent;
    if (!range) return null;
    return this.#spliced(
      { start: range[0], end: this.#trimmed(range[0], range[1]) },
      isSeq(this.parent) ? '[]' : '{}',
    );
  }

  #entry(key: string, value: Json): string {
    if (isSeq(this.parent)) return this.#inline(value);
    return `${this.#inline(key)}: ${this.#inline(value)}`;
  }

  /** As the entries beside it are written. */
  #block(key: string, value: Json): readonly string[] {
    const beside: unknown = this.parent.items.at(-1);
    const sibling = isPair(beside) ? beside.value : beside;
    const flat = typeof value !== 'object' || Array.isArray(value);
    const inline = flat || (isCollection(sibling) && sibling.flow === true);
    const text = isSeq(this.parent)
      ? inline
        ? `- ${this.#inline(value)}`
        : stringify([value], PLAIN)
      : inline
        ? this.#entry(key, value)
        : stringify({ [key]: value }, PLAIN);
    return text.trimEnd().split('\n');
  }

  #inline(value: Json): string {
    if (this.json) return JSON.stringify(value);
    const flowCollectionPadding = !/\[\S/.test(this.text);
    const text = stringify(value, {
      ...PLAIN,
      collectionStyle: 'flow',
      flowCollectionPadding,
    });
    return text.trimEnd().replaceAll(/\n\s*/g, ' ');
  }

  #spanOf(item: unknown): Span | null {
    const first = isPair(item) ? item.key : item;
    const last = isPair(item) && isNode(item.value) && item.value.range ? item.value : first;
    if (!isNode(first) || !first.range || !isNode(last) || !last.range) return null;
    const start = first.range[0];
    return { start, end: this.#trimmed(start, last.range[1]) };
  }

  #trimmed(start: number, end: number): number {
    return start + this.text.slice(start, end).trimEnd().length;
  }

  #lineOf(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  #afterLine(offset: number): number {
    const end = this.text.indexOf('\n', offset);
    return end === -1 ? this.text.length : end + 1;
  }

  #spliced({ start, end }: Span, inserted: string): string {
    return this.text.slice(0, start) + inserted + this.text.slice(end);
  }
}
