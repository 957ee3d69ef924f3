import { type EntityName, NotFollowed, type PatternPart, type PolicyRequest } from './evaluate.js';
import type { Grant } from './grant.js';
import type { Literals } from './literals.js';
import { ACTION_TYPE, PRINCIPAL_TYPE, qualified, resourceType, type Vocabulary } from './vocabulary.js';

/** Values that nobody has named: what lets them through has no end. */
export interface Unnamed {
  readonly principal: string;
  readonly action: string;
  /** Entity type with its namespace. */
  readonly resource: string;
  readonly field: string;
}

/** A finite set of requests in which any two that the policies can tell apart are both present. */
export interface RequestSpace {
  readonly unnamed: Unnamed;
  /** Texts that the policies or grants write out. */
  readonly named: ReadonlySet<string>;
  readonly size: number;
  readonly requests: () => Generator<PolicyRequest>;
}

const MOST_PATTERNS = 4;
const MOST_CLASSES = 6;
const START_OF_TIME = Date.UTC(2000, 0, 1);

/**
 * A policy looks at finitely many things, and tells two values of one apart only by what it writes out. So the values written out, and
 * enough others that are not, stand for all there are.
 * @throws NotFollowed when there are too many, or of a kind that is not followed
 */
export function requestSpace(
  integrationId: string,
  literals: Literals,
  { vocabulary, grants }: Held,
): RequestSpace {
  const named = new Set([...literals.texts, ...grants.map(({ workspace }) => workspace)]);
  const fieldSets = [
    ...literals.fieldSets,
    ...grants.flatMap(({ fields }) => (fields === null ? [] : [fields])),
  ];
  const unnamed: Unnamed = {
    principal: unlike('somebody.else', new Set(literals.entities.map(({ id }) => id))),
    action: unlike('any-other-action', new Set(vocabulary.actions.keys())),
    resource: qualified('AnyOtherResource'),
    field: unlike('any-other-field', new Set(fieldSets.flat())),
  };
  const axes = {
    principals: principalsOf(integrationId, literals, unnamed),
    calls: callsOf({ vocabulary, grants }, literals, unnamed),
    workspaces: workspacesOf(named, literals.patterns),
    fields: fieldChoices(fieldSets, unnamed.field),
    moments: momentsOf(literals.moments),
  };
  const { principals, calls, workspaces, fields, moments } = axes;
  const size = principals.length * calls.length * workspaces.length ** 2 * fields.length * moments.length;
  return { unnamed, named, size, requests: () => combined(axes) };
}

/** What policies are held against. */
interface Held {
  readonly vocabulary: Vocabulary;
  readonly grants: readonly Grant[];
}
interface Call {
  readonly action: EntityName;
  readonly resource: EntityName;
}
interface Axes {
  readonly principals: readonly EntityName[];
  readonly calls: readonly Call[];
  readonly workspaces: readonly string[];
  readonly fields: readonly (readonly string[])[];
  readonly moments: readonly number[];
}

function* combined({ principals, calls, workspaces, fields, moments }: Axes): Generator<PolicyRequest> {
  for (const principal of principals)
    for (const call of calls)
      for (const resourceWorkspace of workspaces)
        for (const workspace of workspaces)
          for (const chosen of fields)
            for (const now of moments)
              yield { principal, ...call, resourceWorkspace, workspace, fields: chosen, now };
}

const unlike = (text: string, taken: ReadonlySet<string>): string =>
  taken.has(text) ? unlike(`${text}~`, taken) : text;

const principalsOf = (
  integrationId: string,
  { entities }: Literals,
  { principal }: Unnamed,
): readonly EntityName[] => {
  const ids = entities.filter(({ type }) => type === PRINCIPAL_TYPE).map(({ id }) => id);
  return [...new Set([integrationId, ...ids, principal])].map((id) => ({ type: PRINCIPAL_TYPE, id }));
};

/** Actions and types that neither policy nor grant names are like those that don't exist yet. */
function callsOf(
  { vocabulary, grants }: Held,
  { entities, types }: Literals,
  unnamed: Unnamed,
): readonly Call[] {
  const known = new Set([
    ...types,
    ...entities.map(({ type }) => type),
    ...grants.map(({ resource }) => qualified(resourceType(resource))),
  ]);
  const actions = new Set([
    ...entities.filter(({ type }) => type === ACTION_TYPE).map(({ id }) => id),
    ...grants.flatMap((grant) => grant.actions),
  ]);
  const typesOf = (of: readonly string[]): readonly string[] => [
    ...of.map(qualified).filter((type) => known.has(type)),
    unnamed.resource,
  ];
  const kinds: (readonly [action: string, types: readonly string[]])[] = [
    ...[...vocabulary.actions]
      .filter(([action]) => actions.has(action))
      .map(([action, of]) => [action, typesOf(of)] as const),
    [unnamed.action, typesOf([...vocabulary.resources.keys()])],
  ];
  const idsOf = (type: string): readonly string[] => {
    const written = new Set(entities.filter((entity) => entity.type === type).map(({ id }) => id));
    return [...written, unlike('1', written)];
  };
  return kinds.flatMap(([id, of]) =>
    of.flatMap((type) =>
      idsOf(type).map((resource) => ({
        action: { type: ACTION_TYPE, id },
        resource: { type, id: resource },
      })),
    ),
  );
}

function workspacesOf(
  named: ReadonlySet<string>,
  patterns: readonly (readonly PatternPart[])[],
): readonly string[] {
  if (patterns.length > MOST_PATTERNS) throw new NotFollowed(`more than ${MOST_PATTERNS} patterns`);
  const filled = patterns.map((pattern) =>
    ['', '~'].map((rest) => pattern.map((part) => (part === 'Wildcard' ? rest : part.Literal)).join('')),
  );
  const together = filled.flatMap((one, index) =>
    filled.flatMap((other, place) =>
      place === index ? [] : one.flatMap((head) => other.map((tail) => head + tail)),
    ),
  );
  const other = unlike('some-workspace', named);
  return [...new Set([...named, ...filled.flat(), ...together, other, unlike('another-workspace', named)])];
}

/** Fields that stand in the same lists can't be told apart: none of them, one, or all say what there is to be said. */
function fieldChoices(sets: readonly (readonly string[])[], other: string): readonly (readonly string[])[] {
  const classes = new Map<string, string[]>();
  for (const field of new Set(sets.flat())) {
    const key = sets.map((set) => (set.includes(field) ? '1' : '0')).join('');
    classes.set(key, [...(classes.get(key) ?? []), field]);
  }
  if (classes.size > MOST_CLASSES) throw new NotFollowed('fields in too many different lists');
  return [...classes.values(), [other]].reduce<readonly (readonly string[])[]>(
    (chosen, fields) => {
      const choices = fields.length > 1 ? [[], fields.slice(0, 1), fields] : [[], fields];
      return chosen.flatMap((before) => choices.map((choice) => [...before, ...choice]));
    },
    [[]],
  );
}

const momentsOf = (moments: readonly number[]): readonly number[] =>
  moments.length === 0
    ? [START_OF_TIME]
    : [...new Set(moments.flatMap((moment) => [moment - 1, moment, moment + 1]))];
