import type { Json, JsonObject } from '@kwanus/kernel';
import {
  body,
  edited,
  KEY,
  nothing,
  type OperationChange,
  removeAt,
  schemes,
  secured,
  served,
  text,
  withParameter,
} from './edits.js';
import { isMap, type Loose, operationsIn, valueAt, withValue } from './sites.js';

const turned = (value: Json): Json =>
  isMap(value)
    ? Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, entry]) => [key, turned(entry)]),
      )
    : value;

/** Gives the components of a section other names, and follows every reference. */
function renamed(document: JsonObject, section: string): JsonObject {
  const names = Object.keys(
    ((document['components'] as Loose | undefined)?.[section] as Loose | undefined) ?? {},
  );
  const follow = (value: Json, key = ''): Json => {
    if (Array.isArray(value)) return value.map((entry: Json) => follow(entry));
    if (isMap(value))
      return Object.fromEntries(
        Object.entries(value).map(([name, entry]) => [
          key === section && names.includes(name) ? `Zz${name}` : name,
          follow(entry, name),
        ]),
      );
    const prefix = `#/components/${section}/`;
    return typeof value === 'string' && value.startsWith(prefix)
      ? `${prefix}Zz${value.slice(prefix.length)}`
      : value;
  };
  return follow(document) as JsonObject;
}

const hasParameters = (operation: Loose): boolean => Array.isArray(operation['parameters']);

/** The rows of the second table that nobody can notice. */
export const UNNOTICED_CHANGES: readonly OperationChange[] = [
  {
    id: 'operations-turned',
    make: (document) => [document, { ...document, paths: turned(document['paths'] ?? {}) }],
  },
  {
    id: 'components-renamed',
    make: (document) =>
      /discriminator/.test(JSON.stringify(document)) ? null : [document, renamed(document, 'schemas')],
  },
  edited('scheme-renamed', secured(KEY), (operation, document) => {
    (valueAt(document, ['components', 'securitySchemes']) as Loose)['yy'] = schemes['zkey'] ?? null;
    operation['security'] = [{ yy: [] }];
  }),
  {
    id: 'path-parameter-renamed',
    make: (document, { path }) => {
      const template = String(path[1]);
      const name = /\{([^}]+)\}/.exec(template)?.[1];
      if (name === undefined || JSON.stringify(document).includes('"$ref":"#/components/parameters'))
        return null;
      const item = JSON.parse(
        JSON.stringify(valueAt(document, ['paths', template])).replaceAll(`"name":"${name}"`, '"name":"zz"'),
      ) as Json;
      const moved = template.replace(`{${name}}`, '{zz}');
      return [document, withValue(removeAt(document, ['paths', template]), ['paths', moved], item)];
    },
  },
  {
    id: 'parameters-lifted',
    make: (document, { path, value }) => {
      const item = valueAt(document, path.slice(0, 2));
      if (!hasParameters(value) || !isMap(item) || operationsIn({ paths: { x: item } }).length > 1)
        return null;
      if (item['parameters'] !== undefined) return null;
      const { parameters, ...rest } = value;
      const lifted = withValue(document, path, rest);
      return [document, withValue(lifted, [...path.slice(0, 2), 'parameters'], parameters ?? [])];
    },
  },
  edited('header-case', withParameter({ name: 'X-Zz', in: 'header', schema: text }), (operation) => {
    const list = operation['parameters'] as readonly Json[];
    operation['parameters'] = list.map((entry) =>
      isMap(entry) && entry['name'] === 'X-Zz' ? { ...entry, name: 'x-zz' } : entry,
    );
  }),
  edited('media-spelled', body({}, 'application/json'), body({}, 'Application/JSON ; Charset="utf-8"')),
  edited('tags-and-words', nothing, (operation, document) => {
    Object.assign(operation, {
      tags: ['zz'],
      summary: 'Other',
      description: 'Other words.',
      'x-zz': { a: 1 },
    });
    document['info'] = { title: 'Other', version: '99' };
    document['tags'] = [{ name: 'zz' }];
  }),
  edited('server-spelled', served('https://z.example/one'), served('HTTPS://Z.example:443/one/')),
  edited('version-prefix-moved', served('https://z.example/one'), (_, document) => {
    document['servers'] = [{ url: 'https://z.example' }];
    document['paths'] = Object.fromEntries(
      Object.entries(document['paths'] as Loose).map(([path, item]) => [`/one${path}`, item]),
    );
  }),
];
