import type { JsonSchema } from './json-schemas.js';

const KEYWORDS_THAT_STAY = [
  'type',
  'const',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  '$ref',
  'propertyNames',
] as const;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemaAt = (schema: JsonSchema, key: string): JsonSchema => {
  const value = schema[key];
  return isSchema(value) ? value : {};
};
const listAt = (schema: JsonSchema, key: string): readonly unknown[] => {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
};

/**
 * What a consumer of the older schema could stumble over: only additions are allowed inside a major version.
 * @returns a sentence for each change that is none
 */
export function changesThatBreak(older: JsonSchema, newer: JsonSchema, at = ''): string[] {
  return [
    ...changedKeywords(older, newer, at),
    ...changedProperties(older, newer, at),
    ...changedParts(older, newer, at),
  ];
}

function changedKeywords(older: JsonSchema, newer: JsonSchema, at: string): string[] {
  const changed = KEYWORDS_THAT_STAY.filter(
    (keyword) => JSON.stringify(older[keyword]) !== JSON.stringify(newer[keyword]),
  );
  const values = new Set(listAt(older, 'enum').map(String));
  const added = values.size === 0 ? [] : listAt(newer, 'enum').filter((value) => !values.has(String(value)));
  const lost = [...values].filter((value) => !listAt(newer, 'enum').map(String).includes(value));
  return [
    ...changed.map((keyword) => `${at || '/'} changed its ${keyword}`),
    ...added.map((value) => `${at || '/'} has the new value ${String(value)}, which older consumers refuse`),
    ...lost.map((value) => `${at || '/'} lost the value ${value}`),
  ];
}

function changedProperties(older: JsonSchema, newer: JsonSchema, at: string): string[] {
  const before = schemaAt(older, 'properties');
  const after = schemaAt(newer, 'properties');
  const required = new Set(listAt(newer, 'required').map(String));
  return [
    ...Object.keys(before).flatMap((name) =>
      name in after
        ? changesThatBreak(schemaAt(before, name), schemaAt(after, name), `${at}/${name}`)
        : [`${at}/${name} is gone`],
    ),
    ...listAt(older, 'required')
      .filter((name) => !required.has(String(name)))
      .map((name) => `${at}/${String(name)} may be missing now`),
    ...[...required]
      .filter((name) => !listAt(older, 'required').includes(name))
      .map((name) => `${at}/${name} is required now, and messages in the log lack it`),
  ];
}

function changedParts(older: JsonSchema, newer: JsonSchema, at: string): string[] {
  const alternatives = ['anyOf', 'oneOf'].flatMap((key) =>
    listAt(older, key).length === listAt(newer, key).length
      ? listAt(older, key).flatMap((part, index) =>
          changesThatBreak(
            part as JsonSchema,
            listAt(newer, key)[index] as JsonSchema,
            `${at}/${key}/${index}`,
          ),
        )
      : [`${at || '/'} has other alternatives (${key})`],
  );
  const definitions = Object.keys(schemaAt(older, '$defs')).flatMap((name) =>
    changesThatBreak(
      schemaAt(schemaAt(older, '$defs'), name),
      schemaAt(schemaAt(newer, '$defs'), name),
      `${at}/$defs/${name}`,
    ),
  );
  return [
    ...alternatives,
    ...definitions,
    ...['items', 'additionalProperties'].flatMap((key) => changedWithin(older, newer, key, at)),
  ];
}

const changedWithin = (older: JsonSchema, newer: JsonSchema, key: string, at: string): string[] =>
  isSchema(older[key]) ? changesThatBreak(schemaAt(older, key), schemaAt(newer, key), `${at}/${key}`) : [];
