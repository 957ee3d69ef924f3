import type { CodeUse } from '@kwanus/checks-kit';
import type { Expression, Node, PrivateIdentifier, Super } from 'acorn';
import type { Constants } from './constants.js';
import { isGlobal, type Scopes } from './scopes.js';

/** What is known while a program is walked. */
export interface Walk {
  readonly constants: Constants;
  readonly scopes: Scopes;
}

type Use = Omit<CodeUse, 'line'>;
type Member = Extract<Expression, { type: 'MemberExpression' }>;
type Call = Extract<Expression, { type: 'CallExpression' | 'NewExpression' }>;

const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self', 'global', 'top', 'parent', 'frames']);
const LEADS_OUT = new Set([
  'eval',
  'Function',
  'require',
  'process',
  'WebAssembly',
  'Worker',
  'SharedWorker',
  'importScripts',
  'Deno',
  'Bun',
]);
/** What libraries ask to learn where they run; the answer is that it is no server. */
const HARMLESS_OF_PROCESS = new Set([
  'env',
  'versions',
  'version',
  'platform',
  'browser',
  'nextTick',
  'release',
  'argv',
  'title',
  'type',
]);

const use = (what: string, module: string | null = null): Use => ({ what, module });

/** @param ancestors what the node stands in, itself last. @returns what in this very node leads out of what can be looked at */
export function usesIn(node: Node, ancestors: readonly Node[], walk: Walk): Use | null {
  const typed = node as Expression;
  switch (typed.type) {
    case 'ImportExpression': {
      const module = walk.constants.textOf(typed.source);
      return use(module === null ? 'import(…)' : `import("${module}")`, module);
    }
    case 'Identifier':
      return LEADS_OUT.has(typed.name) && isGlobal(typed.name, ancestors, walk.scopes)
        ? globalUse(typed.name, ancestors, walk)
        : null;
    case 'MemberExpression':
      return memberUse(typed, ancestors, walk);
    case 'CallExpression':
      return constructorCall(typed, walk);
    default:
      return moduleUse(node);
  }
}

/** Modules that are named at the top of a file. */
function moduleUse(node: Node): Use | null {
  const { source } = node as { readonly source?: { readonly value?: unknown } | null };
  const names = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'];
  return names.includes(node.type) && typeof source?.value === 'string'
    ? use(`import "${source.value}"`, source.value)
    : null;
}

function globalUse(name: string, ancestors: readonly Node[], walk: Walk): Use | null {
  const node = ancestors.at(-1);
  const parent = ancestors.at(-2) as Expression | undefined;
  if (node === undefined || isAsked(node, parent)) return null;
  const call = callOf(node, parent);
  if (name === 'process') return processUse(ancestors, walk);
  if (name === 'Function') return functionUse(parent, call, walk);
  if (name !== 'require') return use(name);
  const module = walk.constants.textOf(call?.arguments[0]);
  return use(module === null ? 'require' : `require("${module}")`, module);
}

/** `typeof x`, `x instanceof y`: who only asks whether it is there has not used it. */
const isAsked = (node: Node, parent: Expression | undefined): boolean =>
  (parent?.type === 'UnaryExpression' && parent.operator === 'typeof') ||
  (parent?.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === node);

const callOf = (node: Node, parent: Node | undefined): Call | null =>
  (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') && (parent as Call).callee === node
    ? (parent as Call)
    : null;

/** `Function('return this')` is how older libraries find the global object, `Function.prototype` no new code. */
function functionUse(parent: Expression | undefined, call: Call | null, { constants }: Walk): Use | null {
  if (call !== null) {
    const isForThis =
      call.arguments.length === 1 &&
      /^return this;?$/.test(constants.textOf(call.arguments[0])?.trim() ?? '');
    return isForThis ? null : use('new Function');
  }
  const isNamed = parent?.type === 'MemberExpression' || parent?.type === 'BinaryExpression';
  return isNamed ? null : use('Function');
}

const HANDED_ON = new Set([
  'VariableDeclarator',
  'AssignmentExpression',
  'CallExpression',
  'Property',
  'SpreadElement',
]);

function processUse(ancestors: readonly Node[], { constants }: Walk): Use | null {
  const parent = ancestors.at(-2) as Expression | undefined;
  if (parent?.type !== 'MemberExpression' || parent.object !== ancestors.at(-1))
    return parent !== undefined && HANDED_ON.has(parent.type) ? use('process') : null;
  const name = nameOf(parent, constants);
  if (name === 'env') return variableUse(ancestors.at(-3), constants);
  return name !== null && HARMLESS_OF_PROCESS.has(name) ? null : use(`process.${name ?? '…'}`);
}

/** Bundlers leave `process.env.NODE_ENV` where they don’t know it. */
function variableUse(above: Node | undefined, constants: Constants): Use | null {
  const variable = above?.type === 'MemberExpression' ? nameOf(above as Member, constants) : 'NODE_ENV';
  return variable === 'NODE_ENV' ? null : use(`process.env.${variable ?? '…'}`);
}

function memberUse(member: Member, ancestors: readonly Node[], walk: Walk): Use | null {
  const { object, computed } = member;
  const name = nameOf(member, walk.constants);
  if (name === 'constructor' && object.type === 'MemberExpression')
    return nameOf(object, walk.constants) === 'constructor' ? use('constructor.constructor') : null;
  if (!isGlobalObject(object, ancestors, walk)) return null;
  if (name === null) return computed ? use('globalThis[…]') : null;
  if (name === 'process' || !LEADS_OUT.has(name)) return null;
  return isAsked(member, ancestors.at(-2) as Expression | undefined) ? null : use(`globalThis.${name}`);
}

const isGlobalObject = (object: Expression | Super, ancestors: readonly Node[], { scopes }: Walk): boolean =>
  object.type === 'Identifier' && GLOBAL_OBJECTS.has(object.name) && isGlobal(object.name, ancestors, scopes);

/** `(() => {}).constructor('return process')`: a function made from text by a detour. */
function constructorCall({ callee, arguments: given }: Call, { constants }: Walk): Use | null {
  return callee.type === 'MemberExpression' &&
    nameOf(callee, constants) === 'constructor' &&
    constants.textOf(given[0]) !== null
    ? use('constructor(…)')
    : null;
}

function nameOf({ property, computed }: Member, constants: Constants): string | null {
  if (computed) return constants.textOf(property);
  return named(property);
}

const named = (property: Expression | PrivateIdentifier): string | null =>
  property.type === 'Identifier' ? property.name : null;
