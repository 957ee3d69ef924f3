import type { Json } from '@kwanus/kernel';
import { jsonLineOf, lineAt, scanJson } from './json-source.js';
import { isYamlRefusal, readYaml } from './yaml-source.js';

/** A document of a partner as data, with the way back to its lines. */
export interface ParsedDocument {
  readonly ok: true;
  readonly value: Json;
  /** @returns the line of what the pointer leads to (of the nearest thing above it that exists) */
  readonly lineOf: (pointer: string) => number | null;
}

/** Why a document is not read. */
export interface RefusedDocument {
  readonly ok: false;
  readonly code:
    | 'too-large'
    | 'not-utf8'
    | 'not-parseable'
    | 'too-deep'
    | 'alias'
    | 'duplicate-key'
    | 'unsafe-key'
    | 'many-documents'
    | 'tag'
    | 'unsafe-value';
  /** Continues "The document …". */
  readonly message: string;
  readonly line: number | null;
}

/** What is taken at most. */
export interface DocumentLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Words and marks, of YAML line ends too. Default: as many as the bytes hold. */
  readonly maxTokens?: number;
}

/** 16 MiB and 200 levels: more than any honest contract that was seen. */
export const DOCUMENT_LIMITS: DocumentLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 200 };

const refused = (
  code: RefusedDocument['code'],
  message: string,
  line: number | null = null,
): RefusedDocument => ({
  ok: false,
  code,
  message,
  line,
});

/**
 * Reads JSON or YAML 1.2 that nobody trusts: bytes are capped first, then the depth is measured without recursion, and only then
 * anything is built. Aliases, duplicate keys, `__proto__`, tags, several documents, U+0000 and lone surrogates are refused.
 * @param path tells JSON by its ending `.json`; everything else is read as YAML, of which JSON is a part
 */
export function parseDocument(
  bytes: Uint8Array,
  path: string,
  limits: DocumentLimits = DOCUMENT_LIMITS,
): ParsedDocument | RefusedDocument {
  if (bytes.byteLength > limits.maxBytes)
    return refused('too-large', `has ${bytes.byteLength} bytes, ${limits.maxBytes} are taken`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refused('not-utf8', 'is not UTF-8');
  }
  const read = path.endsWith('.json') ? parseJson(text, limits) : parseYaml(text, limits);
  if (read.ok && hasUnsafeValue(read.value))
    return refused(
      'unsafe-value',
      'holds U+0000, half of a surrogate pair, or a number without end; none can be kept',
    );
  return read;
}

function parseJson(
  text: string,
  { maxDepth, maxTokens = Number.POSITIVE_INFINITY }: DocumentLimits,
): ParsedDocument | RefusedDocument {
  let problem: RefusedDocument | null = null;
  scanJson(text, {
    maxDepth,
    maxTokens,
    tooMany: (offset) => {
      problem = refused('too-large', `has more than ${maxTokens} parts`, lineAt(text, offset));
    },
    tooDeep: (offset) => {
      problem = refused('too-deep', `is nested more than ${maxDepth} levels deep`, lineAt(text, offset));
    },
    key: (key, duplicate, offset) => {
      if (key === '__proto__') problem = refused('unsafe-key', 'has a key `__proto__`', lineAt(text, offset));
      else if (duplicate)
        problem = refused('duplicate-key', `has the key \`${key}\` twice`, lineAt(text, offset));
      return problem === null ? undefined : 'stop';
    },
  });
  if (problem !== null) return problem;
  try {
    return { ok: true, value: JSON.parse(text) as Json, lineOf: jsonLineOf(text) };
  } catch (error) {
    return refused('not-parseable', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseYaml(text: string, limits: DocumentLimits): ParsedDocument | RefusedDocument {
  const read = readYaml(text, limits);
  return isYamlRefusal(read)
    ? refused(read.code, read.message, read.line)
    : { ok: true, value: read.value, lineOf: read.lineOf };
}

const HALF_PAIR = /\p{Surrogate}/u;
const isUnsafeText = (text: string): boolean => text.includes('\u0000') || HALF_PAIR.test(text);

function hasUnsafeValue(root: Json): boolean {
  const open: Json[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isUnsafeScalar(value)) return true;
    if (typeof value !== 'object' || value === null) continue;
    if (Object.keys(value).some(isUnsafeText)) return true;
    for (const child of Object.values(value)) open.push(child as Json);
  }
  return false;
}

const isUnsafeScalar = (value: Json): boolean =>
  typeof value === 'number' ? !Number.isFinite(value) : typeof value === 'string' && isUnsafeText(value);
