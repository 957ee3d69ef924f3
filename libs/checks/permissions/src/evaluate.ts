import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** Name of an entity. */
export interface EntityName {
  readonly type: string;
  readonly id: string;
}

/** A request with everything that a policy can look at. */
export interface PolicyRequest {
  readonly principal: EntityName;
  readonly action: EntityName;
  readonly resource: EntityName;
  /** Of the resource. */
  readonly resourceWorkspace: string;
  /** In which the integration works. */
  readonly workspace: string;
  readonly fields: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The policy uses something that the analysis does not follow, so that nothing can be said. */
export class NotFollowed extends Error {
  override readonly name = 'NotFollowed';
}

/** A moment, apart from other numbers. */
interface Moment {
  readonly moment: number;
}
type Value = string | boolean | number | Moment | EntityName | readonly Value[];
/** An expression by its one key. */
type Node = Readonly<Record<string, unknown>>;
interface Pair {
  readonly left: Expr;
  readonly right: Expr;
}
/** A part of the pattern of a `like`. */
export type PatternPart = 'Wildcard' | { readonly Literal: string };

const isEntity = (value: Value): value is EntityName => typeof value === 'object' && 'id' in value;
const isMoment = (value: Value): value is Moment => typeof value === 'object' && 'moment' in value;

function same(one: Value, other: Value): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.every((each) => holds(other, each)) && other.every((each) => holds(one, each));
  if (isEntity(one) && isEntity(other)) return one.type === other.type && one.id === other.id;
  if (isMoment(one) && isMoment(other)) return one.moment === other.moment;
  return one === other;
}

const holds = (set: readonly Value[], value: Value): boolean => set.some((each) => same(each, value));

/** @returns whether the text is one of those that the pattern of a `like` stands for */
export const matches = (text: string, pattern: readonly PatternPart[]): boolean => {
  let places = new Set([0]);
  for (const part of pattern) {
    const next = new Set<number>();
    for (const place of places)
      if (part === 'Wildcard') for (let end = place; end <= text.length; end += 1) next.add(end);
      else if (text.startsWith(part.Literal, place)) next.add(place + part.Literal.length);
    places = next;
  }
  return places.has(text.length);
};

const asTruth = (value: Value): boolean => {
  if (typeof value !== 'boolean') throw new NotFollowed('a condition that is neither true nor false');
  return value;
};
const asSet = (value: Value): readonly Value[] => {
  if (!Array.isArray(value)) throw new NotFollowed('a set that is none');
  return value as readonly Value[];
};
const asNumber = (value: Value): number => {
  if (isMoment(value)) return value.moment;
  if (typeof value !== 'number') throw new NotFollowed('a comparison of what has no order');
  return value;
};

/** Cedar counts in 64 bits: what a number here can't tell apart is not followed, nor is a sum that may overflow there. */
const whole = (value: Value): number => {
  if (!Number.isSafeInteger(value))
    throw new NotFollowed('arithmetic on what is no number, or on one too large');
  return value as number;
};
const sum =
  (apply: (left: number, right: number) => number) =>
  ({ left, right }: Pair, request: PolicyRequest): number =>
    whole(apply(whole(valueOf(left, request)), whole(valueOf(right, request))));

type Operation = (node: never, request: PolicyRequest) => Value;
const pair =
  (apply: (left: Value, right: Value) => boolean) =>
  ({ left, right }: Pair, request: PolicyRequest): boolean =>
    apply(valueOf(left, request), valueOf(right, request));
const truthOf = (expression: Expr, request: PolicyRequest): boolean => asTruth(valueOf(expression, request));

/** No entity of the platform lies in another: `in` asks for the same one, or for one of a list. */
const within = (left: Value, right: Value): boolean =>
  Array.isArray(right) ? holds(right, left) : same(left, right);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  Value: (value: unknown) => literal(value),
  Var: (name: string, request: PolicyRequest) => variable(name, request),
  Set: (parts: readonly Expr[], request: PolicyRequest) => parts.map((part) => valueOf(part, request)),
  '.': ({ left, attr }: { left: Expr; attr: string }, request: PolicyRequest) =>
    attributeOf(left, attr, request),
  has: ({ left, attr }: { left: Expr; attr: unknown }) => {
    if (typeof attr !== 'string') throw new NotFollowed('an attribute of an attribute');
    return namesOf(left).includes(attr);
  },
  '==': pair(same),
  '!=': pair((left, right) => !same(left, right)),
  '&&': ({ left, right }: Pair, request: PolicyRequest) => truthOf(left, request) && truthOf(right, request),
  '||': ({ left, right }: Pair, request: PolicyRequest) => truthOf(left, request) || truthOf(right, request),
  '!': ({ arg }: { arg: Expr }, request: PolicyRequest) => !truthOf(arg, request),
  'if-then-else': (branch: { if: Expr; then: Expr; else: Expr }, request: PolicyRequest) =>
    valueOf(truthOf(branch.if, request) ? branch.then : branch.else, request),
  like: ({ left, pattern }: { left: Expr; pattern: readonly PatternPart[] }, request: PolicyRequest) => {
    const text = valueOf(left, request);
    return typeof text === 'string' && matches(text, pattern);
  },
  is: (
    { left, entity_type, in: inside }: { left: Expr; entity_type: string; in?: Expr },
    request: PolicyRequest,
  ) => {
    const entity = valueOf(left, request);
    if (!isEntity(entity) || entity.type !== entity_type) return false;
    return inside === undefined || within(entity, valueOf(inside, request));
  },
  in: pair(within),
  contains: pair((set, value) => holds(asSet(set), value)),
  containsAll: pair((set, others) => asSet(others).every((each) => holds(asSet(set), each))),
  containsAny: pair((set, others) => asSet(others).some((each) => holds(asSet(set), each))),
  isEmpty: ({ arg }: { arg: Expr }, request: PolicyRequest) => asSet(valueOf(arg, request)).length === 0,
  '+': sum((left, right) => left + right),
  '-': sum((left, right) => left - right),
  '*': sum((left, right) => left * right),
  neg: ({ arg }: { arg: Expr }, request: PolicyRequest) => whole(-whole(valueOf(arg, request))),
  '<': pair((left, right) => asNumber(left) < asNumber(right)),
  '<=': pair((left, right) => asNumber(left) <= asNumber(right)),
  '>': pair((left, right) => asNumber(left) > asNumber(right)),
  '>=': pair((left, right) => asNumber(left) >= asNumber(right)),
  datetime: ([text]: readonly Expr[], request: PolicyRequest) => momentOf(text, request),
};

function momentOf(text: Expr | undefined, request: PolicyRequest): Moment {
  const written = text === undefined ? null : valueOf(text, request);
  const moment = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  if (Number.isNaN(moment)) throw new NotFollowed('a moment that is none');
  return { moment };
}

function literal(value: unknown): Value {
  if (typeof value === 'number') return whole(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const entity = (value as { readonly __entity?: EntityName } | null)?.__entity;
  if (entity === undefined) throw new NotFollowed('a literal of another kind');
  return entity;
}

function variable(name: string, { principal, action, resource }: PolicyRequest): Value {
  const known: Readonly<Record<string, Value>> = { principal, action, resource };
  const value = known[name];
  if (value === undefined) throw new NotFollowed(`the variable ${name} as a whole`);
  return value;
}

const namesOf = (left: Expr): readonly string[] => {
  const name = (left as Node)['Var'];
  if (name === 'context') return ['workspace', 'fields', 'now'];
  if (name === 'resource') return ['workspace'];
  if (name === 'principal') return [];
  throw new NotFollowed('an attribute of what is no variable');
};

function attributeOf(left: Expr, attr: string, request: PolicyRequest): Value {
  if (!namesOf(left).includes(attr)) throw new NotFollowed(`the attribute ${attr}`);
  if ((left as Node)['Var'] === 'resource') return request.resourceWorkspace;
  if (attr === 'workspace') return request.workspace;
  return attr === 'fields' ? request.fields : { moment: request.now };
}

function valueOf(expression: Expr, request: PolicyRequest): Value {
  const [kind, node] = Object.entries(expression)[0] ?? [];
  const operation = kind !== undefined && Object.hasOwn(OPERATIONS, kind) ? OPERATIONS[kind] : undefined;
  if (operation === undefined) throw new NotFollowed(`the operation ${kind ?? ''}`);
  return operation(node as never, request);
}

type Constraint = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource'];

function inScope(constraint: Constraint, entity: EntityName): boolean {
  const read = constraint as {
    readonly op: string;
    readonly entity?: EntityName;
    readonly entities?: readonly EntityName[];
    readonly entity_type?: string;
    readonly in?: { readonly entity?: EntityName };
  };
  if (read.op === 'All') return true;
  const named = [...(read.entities ?? []), ...(read.entity === undefined ? [] : [read.entity])];
  if (read.op === '==' || read.op === 'in') return holds(named, entity);
  if (read.op !== 'is') throw new NotFollowed(`the scope ${read.op}`);
  return entity.type === read.entity_type && (read.in?.entity === undefined || same(read.in.entity, entity));
}

/** @returns whether the policy speaks of the request. @throws NotFollowed */
export const applies = (policy: PolicyJson, request: PolicyRequest): boolean =>
  inScope(policy.principal, request.principal) &&
  inScope(policy.action, request.action) &&
  inScope(policy.resource, request.resource) &&
  policy.conditions.every(({ kind, body }) => truthOf(body, request) === (kind === 'when'));
