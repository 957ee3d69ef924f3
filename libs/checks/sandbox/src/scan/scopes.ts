import type { Node, Pattern, Program } from 'acorn';
import { fullAncestor } from 'acorn-walk';

/** The names that each scope of a program declares. */
export type Scopes = ReadonlyMap<Node, ReadonlySet<string>>;

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const BODIES = new Set([...FUNCTIONS, 'StaticBlock']);
const BLOCKS = new Set([
  ...BODIES,
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
  'ClassExpression',
]);

const DECLARES = new Set([
  ...FUNCTIONS,
  'VariableDeclaration',
  'ClassDeclaration',
  'ClassExpression',
  'CatchClause',
  'ImportDeclaration',
]);

/** @returns what is declared where; a name belongs to no wider scope than its own, so that none hides what another one uses */
export function scopesOf(program: Program): Scopes {
  const scopes = new Map<Node, Set<string>>();
  const declare = (scope: Node, names: readonly string[]): void => {
    const known = scopes.get(scope) ?? new Set();
    for (const name of names) known.add(name);
    scopes.set(scope, known);
  };
  fullAncestor(program, (visited, _, ancestors) => {
    if (!DECLARES.has(visited.type)) return;
    for (const { within, names } of declarationsOf(
      visited as AnyNode,
      ancestors.slice(0, -1).reverse(),
      program,
    ))
      declare(within, names);
  });
  return scopes;
}

interface Declaration {
  readonly within: Node;
  readonly names: readonly string[];
}

/** @param around what the node stands in, the nearest first */
function declarationsOf(node: AnyNode, around: readonly Node[], program: Program): readonly Declaration[] {
  const scope = (types: ReadonlySet<string>): Node => around.find(({ type }) => types.has(type)) ?? program;
  if (node.type === 'VariableDeclaration') {
    const names = (node.declarations ?? []).flatMap(({ id }) => namesIn(id));
    return [{ within: scope(node.kind === 'var' ? BODIES : BLOCKS), names }];
  }
  if (node.type === 'ImportDeclaration')
    return [{ within: program, names: (node.specifiers ?? []).flatMap(({ local }) => namesIn(local)) }];
  const own = [...namesIn(node.param), ...parametersOf(node)];
  const isNamedOutside = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration';
  return [
    { within: isNamedOutside ? scope(BLOCKS) : node, names: namesIn(node.id) },
    { within: node, names: own },
  ];
}

const parametersOf = ({ params }: AnyNode): readonly string[] =>
  params === undefined ? [] : ['arguments', ...params.flatMap((each) => namesIn(each))];

/** The fields that declarations have, whatever their type. */
type AnyNode = Node & {
  readonly kind?: string;
  readonly id?: Pattern | null;
  readonly param?: Pattern | null;
  readonly params?: readonly Pattern[];
  readonly declarations?: readonly { readonly id: Pattern }[];
  readonly specifiers?: readonly { readonly local: Pattern }[];
};

function namesIn(pattern: Pattern | null | undefined): readonly string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) =>
        namesIn(each.type === 'RestElement' ? each.argument : each.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => namesIn(each));
    case 'RestElement':
      return namesIn(pattern.argument);
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    default:
      return [];
  }
}

/** @returns whether the name, used inside these nodes, is one that nothing in the program declares */
export const isGlobal = (name: string, ancestors: readonly Node[], scopes: Scopes): boolean =>
  !ancestors.some((node) => scopes.get(node)?.has(name));
