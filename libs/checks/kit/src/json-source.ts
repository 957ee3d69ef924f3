import { pointerOf, segmentsOf } from './pointer.js';

/** A container that is open while the text is scanned. */
interface Frame {
  readonly keys: Set<string> | null;
  readonly pointer: string;
  /** The key that a value belongs to; the index in a list. */
  current: string | number;
  expectsKey: boolean;
}

/** What a scan is told about; `stop` ends it. */
export interface JsonVisitor {
  readonly maxDepth: number;
  readonly key?: (key: string, duplicate: boolean, offset: number) => 'stop' | undefined;
  readonly value?: (pointer: string, offset: number) => 'stop' | undefined;
  readonly tooDeep?: (offset: number) => void;
  /** Default: as many as there are. */
  readonly maxTokens?: number;
  readonly tooMany?: (offset: number) => void;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/gsy;
const BLANK = /\s*/y;

/**
 * Goes once through JSON text without recursion: keys, places of values, depth. Says nothing about whether it is valid; that
 * is JSON.parse's task.
 */
export function scanJson(text: string, visitor: JsonVisitor): void {
  const stack: Frame[] = [];
  const { maxTokens = Number.POSITIVE_INFINITY } = visitor;
  let offset = 0;
  for (let tokens = 1; ; tokens += 1) {
    BLANK.lastIndex = offset;
    BLANK.test(text);
    offset = BLANK.lastIndex;
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return;
    if (tokens > maxTokens) return visitor.tooMany?.(offset);
    if (step(token, offset, stack, visitor) === 'stop') return;
    offset += token.length;
  }
}

function step(token: string, offset: number, stack: Frame[], visitor: JsonVisitor): 'stop' | undefined {
  const frame = stack.at(-1);
  if (token === '}' || token === ']') {
    stack.pop();
    return undefined;
  }
  if (token === ':') return undefined;
  if (token === ',') {
    if (frame !== undefined) next(frame);
    return undefined;
  }
  if (frame?.expectsKey === true && token.startsWith('"')) return takeKey(token, offset, frame, visitor);
  return takeValue(token, offset, stack, visitor);
}

function next(frame: Frame): void {
  if (frame.keys === null) frame.current = Number(frame.current) + 1;
  else frame.expectsKey = true;
}

function takeKey(token: string, offset: number, frame: Frame, visitor: JsonVisitor): 'stop' | undefined {
  const key = unquoted(token);
  const duplicate = frame.keys?.has(key) === true;
  frame.keys?.add(key);
  frame.current = key;
  frame.expectsKey = false;
  return visitor.key?.(key, duplicate, offset);
}

function takeValue(token: string, offset: number, stack: Frame[], visitor: JsonVisitor): 'stop' | undefined {
  const parent = stack.at(-1);
  const wanted = visitor.value !== undefined;
  const pointer = parent === undefined || !wanted ? '' : parent.pointer + pointerOf(parent.current);
  if (visitor.value?.(pointer, offset) === 'stop') return 'stop';
  if (token !== '{' && token !== '[') return undefined;
  const isMap = token === '{';
  stack.push({ keys: isMap ? new Set() : null, pointer, current: 0, expectsKey: isMap });
  if (stack.length <= visitor.maxDepth) return undefined;
  visitor.tooDeep?.(offset);
  return 'stop';
}

function unquoted(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.slice(1, -1); // not JSON: JSON.parse of the whole text says so
  }
}

/** @returns 1 for the first line */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/**
 * Goes through the text once, however many places are asked for.
 * @returns the lines of the values that the pointers lead to; a pointer that leads nowhere has none
 */
export function jsonLines(text: string, pointers: ReadonlySet<string>): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let line = 1;
  let counted = 0;
  scanJson(text, {
    maxDepth: Number.POSITIVE_INFINITY,
    value: (pointer, offset) => {
      if (!pointers.has(pointer)) return undefined;
      line += lineAt(text.slice(counted, offset), offset - counted) - 1;
      counted = offset;
      lines.set(pointer, line);
      return lines.size === pointers.size ? 'stop' : undefined;
    },
  });
  return lines;
}

/** So deep places are kept: an operation, a schema, and what stands in it. */
const KEPT_LEVELS = 4;
/** Of a list without end not every entry. */
const MOST_KEPT = 50_000;

/**
 * Made for many questions: places down to a certain depth are looked up once, so that each further question only goes through the
 * part that it is about.
 * @returns the line of what a pointer leads to, of the nearest thing above it where it leads nowhere
 */
export function jsonLineOf(text: string): (pointer: string) => number {
  let kept: ReadonlyMap<string, number> | undefined;
  let ends: readonly number[] | undefined;
  return (pointer) => {
    kept ??= placesOf(text);
    ends ??= lineEndsOf(text);
    const segments = segmentsOf(pointer);
    let levels = Math.min(segments.length, KEPT_LEVELS);
    while (levels > 0 && !kept.has(pointerOf(...segments.slice(0, levels)))) levels -= 1;
    const start = kept.get(pointerOf(...segments.slice(0, levels))) ?? 0;
    const rest = pointerOf(...segments.slice(levels));
    return lineWithin(ends, start + (rest === '' ? 0 : offsetWithin(text.slice(start), rest)));
  };
}

function placesOf(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  scanJson(text, {
    maxDepth: Number.POSITIVE_INFINITY,
    value: (pointer, offset) => {
      if (pointer.split('/', KEPT_LEVELS + 2).length <= KEPT_LEVELS + 1) places.set(pointer, offset);
      return places.size === MOST_KEPT ? 'stop' : undefined;
    },
  });
  return places;
}

/** @returns where the pointer leads to in the value that the text begins with */
function offsetWithin(text: string, wanted: string): number {
  let nearest = 0;
  let begun = false;
  scanJson(text, {
    maxDepth: Number.POSITIVE_INFINITY,
    value: (pointer, offset) => {
      if (pointer === '' && begun) return 'stop'; // the value is over
      begun = true;
      if (pointer === wanted || wanted.startsWith(`${pointer}/`)) nearest = offset;
      return pointer === wanted ? 'stop' : undefined;
    },
  });
  return nearest;
}

function lineEndsOf(text: string): readonly number[] {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) ends.push(at);
  return ends;
}

/** @returns 1 for what stands before the first end of a line */
function lineWithin(ends: readonly number[], offset: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}
