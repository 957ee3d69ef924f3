import type { Json } from '@kwanus/kernel';
import {
  Composer,
  type CST,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import { segmentsOf } from './pointer.js';

/** Why YAML was not taken. */
export interface YamlRefusal {
  readonly code:
    | 'too-large'
    | 'not-parseable'
    | 'too-deep'
    | 'alias'
    | 'duplicate-key'
    | 'unsafe-key'
    | 'many-documents'
    | 'tag';
  readonly message: string;
  readonly line: number | null;
}

/** YAML as data, with the way back to its lines. */
export interface YamlSource {
  readonly value: Json;
  readonly lineOf: (pointer: string) => number | null;
}

/** What is taken at most. */
export interface YamlLimits {
  readonly maxDepth: number;
  /** Tokens of the lexer: what reading costs goes by them more than by bytes. */
  readonly maxTokens?: number;
}

/** @returns the data, or why it was refused; never recursive before the depth is known */
export function readYaml(text: string, limits: YamlLimits): YamlSource | YamlRefusal {
  const { maxDepth } = limits;
  const early = refusedByTokens(text, limits);
  if (early !== null) return early;
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const tokens = parsed(text, lines);
  if (tokens instanceof FirstFault) return notParseable(tokens.message, lineOf(tokens.offset));
  if (cstDepth(tokens, maxDepth) > maxDepth) return tooDeep(maxDepth, null);
  const documents = composed(tokens, text.length);
  if (documents instanceof FirstFault) return notParseable(documents.message, lineOf(documents.offset));
  const [document, second] = documents;
  if (document === undefined || second !== undefined)
    return {
      code: 'many-documents',
      message: document === undefined ? 'holds no document' : 'holds more than one document',
      line: null,
    };
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) return notParseable(error.message, lineOf(error.pos[0]));
  return refusedByKeys(document.contents, lineOf) ?? sourceOf(document, lineOf);
}

class FirstFault extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

function parsed(text: string, lines: LineCounter): readonly CST.Token[] | FirstFault {
  const tokens: CST.Token[] = [];
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'error') return new FirstFault(token.offset, token.message);
    tokens.push(token);
  }
  return tokens;
}

type Source = number | readonly [number, number] | { readonly offset: number };

/**
 * The composer would go on after a fault and make an error of each, with its stack: a mebibyte of closing braces takes it a minute. Here the
 * first one ends it.
 */
function composed(tokens: readonly CST.Token[], length: number): readonly Document.Parsed[] | FirstFault {
  const composer = new Composer({ uniqueKeys: false, stringKeys: true, prettyErrors: false });
  const onError = (source: Source, _code: string, message: string): never => {
    throw new FirstFault(offsetOf(source), message);
  };
  Object.assign(composer, { onError });
  const documents: Document.Parsed[] = [];
  try {
    for (const document of composer.compose(tokens, true, length)) if (documents.push(document) > 1) break;
  } catch (error) {
    if (error instanceof FirstFault) return error;
    throw error;
  }
  return documents;
}

function offsetOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : source[0];
}

const notParseable = (message: string, line: number): YamlRefusal => ({
  code: 'not-parseable',
  message,
  line,
});

const tooDeep = (maxDepth: number, line: number | null): YamlRefusal => ({
  code: 'too-deep',
  message: `is nested more than ${maxDepth} levels deep`,
  line,
});

/** The lexer neither recurses nor builds anything, so it may see what nobody has judged yet. */
function refusedByTokens(text: string, { maxDepth, maxTokens }: YamlLimits): YamlRefusal | null {
  const nesting = { flow: 0, dashes: 0 };
  let [line, tokens] = [1, 0];
  for (const token of new Lexer().lex(text)) {
    count(token, nesting);
    tokens += 1;
    if (maxTokens !== undefined && tokens > maxTokens)
      return { code: 'too-large', message: `has more than ${maxTokens} parts`, line };
    if (token.startsWith('*')) return { code: 'alias', message: `uses the alias ${token}`, line };
    if (nesting.flow > maxDepth || nesting.dashes > maxDepth) return tooDeep(maxDepth, line);
    line += token.split('\n').length - 1;
  }
  return null;
}

function count(token: string, nesting: { flow: number; dashes: number }): void {
  if (token === '[' || token === '{') nesting.flow += 1;
  else if (token === ']' || token === '}') nesting.flow -= 1;
  else if (token === '-' || token === '?') nesting.dashes += 1;
  else if (token.includes('\n')) nesting.dashes = 0;
}

function cstDepth(tokens: readonly CST.Token[], limit: number): number {
  let deepest = 0;
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({
    token,
    depth: 0,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    deepest = Math.max(deepest, next.depth);
    if (deepest > limit) return deepest;
    for (const child of childrenOf(next.token)) open.push({ token: child, depth: next.depth + 1 });
  }
  return deepest;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  const children: CST.Token[] = [];
  for (const item of token.items) {
    if (item.key) children.push(item.key);
    if (item.value) children.push(item.value);
  }
  return children;
}

function refusedByKeys(root: unknown, lineOf: (offset: number) => number): YamlRefusal | null {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    const refusal = refusedByKeysOf(node, lineOf);
    if (refusal !== null) return refusal;
    for (const { value } of node.items) if (value !== null) open.push(value);
  }
  return null;
}

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));

function refusedByKeysOf({ items }: YAMLMap, lineOf: (offset: number) => number): YamlRefusal | null {
  const seen = new Set<string>();
  for (const pair of items) {
    const key = keyOf(pair);
    const line = isNode(pair.key) && pair.key.range ? lineOf(pair.key.range[0]) : null;
    if (key === '__proto__') return { code: 'unsafe-key', message: 'has a key `__proto__`', line };
    if (seen.has(key)) return { code: 'duplicate-key', message: `has the key \`${key}\` twice`, line };
    seen.add(key);
  }
  return null;
}

const sourceOf = (document: Document.Parsed, lineOf: (offset: number) => number): YamlSource => ({
  value: document.toJS({ maxAliasCount: 0 }) as Json,
  lineOf: (pointer) => {
    const place = placeOf(document.contents, segmentsOf(pointer));
    return place === null ? null : lineOf(place);
  },
});

/** The offset of the key that leads to the value, or of the nearest thing above it that exists. */
function placeOf(root: Node | null, segments: readonly string[]): number | null {
  let node: unknown = root;
  let place = root?.range?.[0] ?? null;
  for (const segment of segments) {
    const step = stepInto(node, segment);
    if (step === null) return place;
    place = step.place ?? place;
    node = step.node;
  }
  return place;
}

function stepInto(
  node: unknown,
  segment: string,
): { readonly node: unknown; readonly place: number | null } | null {
  if (isMap(node)) {
    const pair = node.items.find((item) => keyOf(item) === segment);
    return pair === undefined ? null : { node: pair.value, place: startOf(pair.key) };
  }
  const item = isSeq(node) ? node.items[Number(segment)] : undefined;
  return isNode(item) ? { node: item, place: startOf(item) } : null;
}

const startOf = (node: unknown): number | null => (isNode(node) ? (node.range?.[0] ?? null) : null);

/** @returns true when it was refused */
export const isYamlRefusal = (read: YamlSource | YamlRefusal): read is YamlRefusal => 'code' in read;
