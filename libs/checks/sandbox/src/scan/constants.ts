import type { Expression, Node, PrivateIdentifier, Program, SpreadElement, Super } from 'acorn';
import { full } from 'acorn-walk';

type Foldable = Expression | PrivateIdentifier | SpreadElement | Super | null | undefined;

/** A value that can be told without running anything. */
type Constant = string | number | readonly Constant[];

const LONGEST = 10_000;
const DEEPEST = 200;

/** Works out what texts come to that are put together from written-out parts: `'p' + 'g'`, `['p', 'g'].join('')`, `atob('cGc=')`. */
export class Constants {
  readonly #named = new Map<string, Foldable>();

  constructor(program: Program) {
    const declared = new Map<string, number>();
    full(program, (node) => {
      if (node.type !== 'VariableDeclaration') return;
      const { kind, declarations } = node as Extract<
        Program['body'][number],
        { type: 'VariableDeclaration' }
      >;
      for (const { id, init } of declarations)
        if (id.type === 'Identifier') {
          declared.set(id.name, (declared.get(id.name) ?? 0) + 1);
          if (kind === 'const') this.#named.set(id.name, init);
        }
    });
    for (const [name, times] of declared) if (times > 1) this.#named.delete(name);
  }

  /** @returns the text, or null where only running would tell */
  textOf(node: Node | null | undefined): string | null {
    const value = this.#fold(node as Foldable, 0);
    return typeof value === 'string' ? value : null;
  }

  #fold(node: Foldable, depth: number): Constant | null {
    if (node === null || node === undefined || depth > DEEPEST) return null;
    const fold = (each: Foldable): Constant | null => this.#fold(each, depth + 1);
    if (node.type === 'Identifier') return fold(this.#named.get(node.name));
    const folding = FOLDING[node.type] as Folding<typeof node.type> | undefined;
    return folding?.(node, fold) ?? null;
  }
}

type Fold = (node: Foldable) => Constant | null;
type Folding<Type extends Expression['type'] | 'PrivateIdentifier' | 'SpreadElement' | 'Super'> = (
  node: Extract<NonNullable<Foldable>, { type: Type }>,
  fold: Fold,
) => Constant | null;

/** How each kind of expression comes to a value; the others come to none. */
const FOLDING: { readonly [Type in Expression['type']]?: Folding<Type> } & {
  readonly [type: string]: unknown;
} = {
  Literal: ({ value }) => (typeof value === 'string' || typeof value === 'number' ? value : null),
  ParenthesizedExpression: ({ expression }, fold) => fold(expression),
  TemplateLiteral: ({ quasis, expressions }, fold) =>
    joined(quasis.flatMap(({ value }, at) => [value.cooked ?? null, fold(expressions[at] ?? EMPTY)])),
  BinaryExpression: ({ operator, left, right }, fold) =>
    operator === '+' ? sum(fold(left), fold(right)) : null,
  ArrayExpression: ({ elements }, fold) => whole(elements.map(fold)),
  CallExpression: (node, fold) => called(node, fold),
};

const EMPTY: Foldable = { type: 'Literal', value: '', start: 0, end: 0, raw: '""' };

function sum(left: Constant | null, right: Constant | null): Constant | null {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  return joined([left, right]);
}

function joined(parts: readonly (Constant | null)[], between = ''): string | null {
  const known = whole(parts);
  if (known === null || known.some((part) => typeof part === 'object')) return null;
  const text = known.join(between);
  return text.length <= LONGEST ? text : null;
}

const whole = (parts: readonly (Constant | null)[]): readonly Constant[] | null =>
  parts.some((part) => part === null) ? null : (parts as readonly Constant[]);

type Call = Extract<Expression, { type: 'CallExpression' }>;

function called(
  { callee, arguments: given }: Call,
  fold: (node: Foldable) => Constant | null,
): Constant | null {
  const [first = null] = given.map(fold);
  if (callee.type === 'Identifier') return decoded(callee.name, first);
  if (callee.type !== 'MemberExpression') return null;
  const name =
    callee.computed || callee.property.type !== 'Identifier' ? fold(callee.property) : callee.property.name;
  if (name === 'fromCharCode' || name === 'fromCodePoint') return spelled(given.map(fold));
  const on = fold(callee.object);
  if (on === null || typeof name !== 'string') return null;
  return method(on, name, [first, given.length]);
}

function decoded(name: string, text: Constant | null): string | null {
  if (typeof text !== 'string') return null;
  if (name === 'atob') return Buffer.from(text, 'base64').toString('latin1');
  if (name === 'decodeURIComponent' || name === 'unescape') {
    try {
      return decodeURIComponent(text);
    } catch {
      return null;
    }
  }
  return name === 'String' ? text : null;
}

const spelled = (codes: readonly (Constant | null)[]): string | null =>
  codes.every((code) => typeof code === 'number' && code >= 0 && code <= 0xffff)
    ? String.fromCharCode(...(codes as readonly number[]))
    : null;

/** @param argument the first argument, and how many there are */
function method(on: Constant, name: string, argument: readonly [Constant | null, number]): Constant | null {
  if (typeof on === 'string') return ofText(on, name, argument);
  return typeof on === 'number' ? null : ofList(on, name, argument[0]);
}

function ofList(list: readonly Constant[], name: string, first: Constant | null): Constant | null {
  if (name === 'reverse') return [...list].reverse();
  return name === 'join' ? joined(list, typeof first === 'string' ? first : ',') : null;
}

function ofText(
  text: string,
  name: string,
  [first, count]: readonly [Constant | null, number],
): Constant | null {
  if (name === 'concat' && count === 1) return joined([text, first]);
  if (name === 'split' && typeof first === 'string') return text.split(first);
  if (name === 'toLowerCase') return text.toLowerCase();
  return name === 'trim' ? text.trim() : null;
}
