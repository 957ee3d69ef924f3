import { type CodeScan, type CodeText, type CodeUse, codeTexts } from '@kwanus/checks-kit';
import { type Node, type Program, parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { Constants } from './constants.js';
import { scopesOf } from './scopes.js';
import { usesIn } from './uses.js';

/** More code than this is not parsed: its tree would not fit into the memory that a probe has. */
export const MOST_CODE_BYTES = 2 * 1024 * 1024;
const MOST_USES = 100;
const MOST_TEXTS = 10_000;
const MOST_MESSAGE = 200;

/** @returns what can be told of the code without running it */
export function scanCode(bytes: Uint8Array): CodeScan {
  const code = decoded(bytes);
  if (code === null) return refused('is not UTF-8 text', null, '');
  if (bytes.byteLength > MOST_CODE_BYTES)
    return refused(`has ${bytes.byteLength} bytes; ${MOST_CODE_BYTES} can be looked at`, null, code);
  try {
    const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
    const { uses, computed } = look(program, new Lines(code));
    return { refused: null, uses, texts: codeTexts(code, computed) };
  } catch (error) {
    if (error instanceof SyntaxError) return refused(...syntaxProblem(error), code);
    if (error instanceof RangeError) return refused('is nested too deeply to be parsed', null, code);
    throw error;
  }
}

const refused = (message: string, line: number | null, code: string): CodeScan => ({
  refused: { message, line },
  uses: [],
  texts: codeTexts(code),
});

function syntaxProblem(error: SyntaxError): [message: string, line: number | null] {
  const { loc } = error as { readonly loc?: { readonly line: number } };
  const said = error.message.replace(/ \(\d+:\d+\)$/, '').slice(0, MOST_MESSAGE);
  if (said.startsWith('Not enough stack space')) return ['is nested too deeply to be parsed', null];
  return [`can’t be parsed as an ECMAScript module: ${said}`, loc?.line ?? null];
}

/** Kinds of expressions that put texts together; a literal stands in the code as it is, and is read there. */
const COMPUTED = new Set(['BinaryExpression', 'CallExpression', 'TemplateLiteral']);

interface Looked {
  readonly uses: readonly CodeUse[];
  readonly computed: readonly CodeText[];
}

function look(program: Program, lines: Lines): Looked {
  const constants = new Constants(program);
  const scopes = scopesOf(program);
  const uses = new Map<string, CodeUse>();
  const computed: CodeText[] = [];
  fullAncestor(program, (visited, _, ancestors) => {
    const node: Node = visited;
    const found = usesIn(node, ancestors, { constants, scopes });
    if (found !== null && uses.size < MOST_USES) {
      const line = lines.at(node.start);
      uses.set(`${found.what} ${line}`, { ...found, line });
    }
    if (!COMPUTED.has(node.type) || computed.length >= MOST_TEXTS) return;
    const text = isPart(ancestors) ? null : constants.textOf(node);
    if (text !== null && text.length > 1) computed.push({ text, line: lines.at(node.start) });
  });
  return { uses: [...uses.values()].sort((a, b) => a.line - b.line), computed };
}

/** A part of a longer text is read with the whole. */
const isPart = (ancestors: readonly Node[]): boolean => {
  const parent = ancestors.at(-2) as { readonly type: string; readonly operator?: string } | undefined;
  return parent?.type === 'BinaryExpression' && parent.operator === '+';
};

/** Where lines begin: a tree whose nodes know their lines takes twice the memory. */
class Lines {
  readonly #starts: readonly number[];

  constructor(code: string) {
    this.#starts = [
      0,
      ...[...code.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map(({ index, 0: end }) => index + end.length),
    ];
  }

  /** @returns the line of an offset, 1 for the first */
  at(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
