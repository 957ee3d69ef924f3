import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';

/** A permission that the vocabulary is made from: an entry of the registry, or one that a manifest declares. */
export interface PermissionWords {
  readonly resource: string;
  readonly actions: readonly string[];
}

/** What policies may speak of: the type of each resource, and the actions on it. */
export interface Vocabulary {
  /** Entity type (without namespace) → resource as the registry writes it. */
  readonly resources: ReadonlyMap<string, string>;
  /** Action → entity types that it is for. */
  readonly actions: ReadonlyMap<string, readonly string[]>;
}

/** Namespace of everything that a policy names. */
export const NAMESPACE = 'Kwanus';
export const PRINCIPAL_TYPE = `${NAMESPACE}::Integration`;
export const ACTION_TYPE = `${NAMESPACE}::Action`;

/** @returns the entity type of a resource; two resources never share one */
export function resourceType(resource: string): string {
  const joined = resource.replace(/-([a-z])|[^a-z0-9]/g, (found, letter: string | undefined) =>
    letter === undefined ? escaped(found) : letter.toUpperCase(),
  );
  return joined.replace(/^[a-z0-9]/, (first) => (/\d/.test(first) ? escaped(first) : first.toUpperCase()));
}

const escaped = (text: string): string =>
  Array.from(text, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`).join('');

/** @returns the entity type with its namespace, as policies write it */
export const qualified = (type: string): string => `${NAMESPACE}::${type}`;

/** @returns the vocabulary of the permissions, in an order that does not depend on theirs */
export function vocabularyOf(permissions: readonly PermissionWords[]): Vocabulary {
  const resources = new Map<string, string>();
  const actions = new Map<string, Set<string>>();
  for (const { resource, actions: names } of permissions) {
    const type = resourceType(resource);
    resources.set(type, resource);
    for (const name of names) actions.set(name, (actions.get(name) ?? new Set()).add(type));
  }
  return {
    resources: new Map([...resources].sort(byKey)),
    actions: new Map([...actions].sort(byKey).map(([name, types]) => [name, [...types].sort()])),
  };
}

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** @returns the schema in Cedar's JSON form: nothing of a name is ever read as text of the language */
export const schemaOf = ({ resources, actions }: Vocabulary): SchemaJson<string> => ({
  [NAMESPACE]: {
    entityTypes: {
      Integration: {},
      ...Object.fromEntries(
        [...resources.keys()].map((type) => [
          type,
          { shape: { type: 'Record', attributes: { workspace: { type: 'String' } } } },
        ]),
      ),
    },
    actions: Object.fromEntries(
      [...actions].map(([name, resourceTypes]) => [
        name,
        {
          appliesTo: {
            principalTypes: ['Integration'],
            resourceTypes: [...resourceTypes],
            context: {
              type: 'Record',
              attributes: {
                workspace: { type: 'String' },
                fields: { type: 'Set', element: { type: 'String' } },
                now: { type: 'Extension', name: 'datetime' },
              },
            },
          },
        },
      ]),
    ),
  },
});
