import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { applyFix } from './apply-fix.js';
import type { PatchOperation } from './fix.js';

const patched = (text: string, patch: readonly PatchOperation[], file = 'a.yaml'): string =>
  applyFix(text, { file, patch });

const BLOCK = `# who
a: 1 # one
list:
  # the first
  - id: x
    on: [p, q]
  - id: y # the second
deep:
  b: 2

  # last
  c: "3"
`;

describe('a fix of YAML', () => {
  it.each<[string, PatchOperation, (text: string) => string]>([
    ['a value', { op: 'replace', path: '/a', value: 9 }, (text) => text.replace('a: 1 #', 'a: 9 #')],
    [
      'a value in a list',
      { op: 'replace', path: '/list/1/id', value: 'z' },
      (text) => text.replace('id: y', 'id: z'),
    ],
    [
      'an inline list',
      { op: 'replace', path: '/list/0/on', value: ['p'] },
      (text) => text.replace('[p, q]', '[p]'),
    ],
    [
      'an entry more of an inline list',
      { op: 'add', path: '/list/0/on/-', value: 'r' },
      (text) => text.replace('[p, q]', '[p, q, r]'),
    ],
    ['an entry less', { op: 'remove', path: '/list/0/on/0' }, (text) => text.replace('[p, q]', '[q]')],
    ['the last entry', { op: 'remove', path: '/list/0/on/1' }, (text) => text.replace('[p, q]', '[p]')],
    [
      'a key more',
      { op: 'add', path: '/deep/d', value: { e: [1] } },
      (text) => `${text}  d:\n    e:\n      - 1\n`,
    ],
    [
      'a key more between others',
      { op: 'add', path: '/list/1/n', value: 5 },
      (text) => text.replace('# the second\n', '# the second\n    n: 5\n'),
    ],
    ['a key less', { op: 'remove', path: '/a' }, (text) => text.replace('a: 1 # one\n', '')],
    [
      'the first key of an entry',
      { op: 'remove', path: '/list/0/id' },
      (text) => text.replace('- id: x\n    on:', '- on:'),
    ],
    [
      'an entry of a list',
      { op: 'remove', path: '/list/1' },
      (text) => text.replace('  - id: y # the second\n', ''),
    ],
    [
      'an entry more of a list',
      { op: 'add', path: '/list/-', value: { id: 'z', on: 'r' } },
      (text) => text.replace('# the second\n', '# the second\n  - id: z\n    on: r\n'),
    ],
    ['a key more of the whole', { op: 'add', path: '/z', value: [] }, (text) => `${text}z: []\n`],
  ])('changes %s, and nothing else', (_title, operation, expected) =>
    expect(patched(BLOCK, [operation])).toBe(expected(BLOCK)),
  );

  it('writes what it adds as its neighbours are written', () => {
    const inline = 'fallback:\n  - { for: "a:b", on: [x] } # why\nz: {}\n';
    expect(patched(inline, [{ op: 'add', path: '/fallback/-', value: { for: 'c:d', on: ['y'] } }])).toBe(
      'fallback:\n  - { for: "a:b", on: [x] } # why\n  - {for: c:d, on: [y]}\nz: {}\n',
    );
    expect(patched(inline, [{ op: 'add', path: '/z/k', value: 'v' }])).toContain('z: {k: v}\n');
  });

  it('comes to the data that is meant where the text is unusual', () => {
    for (const text of ['a:\n- - 1\n  - 2\n', '{a: [[1, 2,],],}', '? a\n: - [1, 2]\n'])
      expect(parse(patched(text, [{ op: 'remove', path: '/a/0/0' }]))).toEqual({ a: [[2]] });
    expect(parse(patched('a:\n  - 1\nb: 2\n', [{ op: 'remove', path: '/a/0' }]))).toEqual({ a: [], b: 2 });
    expect(parse(patched('a: |\n  x\n  y\n', [{ op: 'add', path: '/b', value: 1 }]))).toEqual({
      a: 'x\ny\n',
      b: 1,
    });
    expect(parse(patched('a: 1', [{ op: 'add', path: '/b', value: 'x: {y}' }]))).toEqual({
      a: 1,
      b: 'x: {y}',
    });
  });

  it('writes a value that stands in two places in both', () => {
    const same = { b: 1 };
    for (const path of ['/c', '/list/-'])
      expect(patched(BLOCK, [{ op: 'add', path, value: [same, same] }])).not.toMatch(/[&*]/);
  });

  it('carries several operations out one after the other', () =>
    expect(
      parse(
        patched(BLOCK, [
          { op: 'add', path: '/list/-', value: 'z' },
          { op: 'remove', path: '/list/0' },
          { op: 'replace', path: '/list/1', value: 'w' },
        ]),
      ).list,
    ).toEqual([{ id: 'y' }, 'w']));
});

describe('a fix of JSON', () => {
  it.each<[string, string, PatchOperation, string]>([
    [
      'lines',
      '{\n  "a": [\n    "x"\n  ]\n}\n',
      { op: 'add', path: '/a/-', value: 'y' },
      '{\n  "a": [\n    "x",\n    "y"\n  ]\n}\n',
    ],
    [
      'a value',
      '{"a": {"b": 1}, "c": 2}',
      { op: 'replace', path: '/a/b', value: 'z' },
      '{"a": {"b": "z"}, "c": 2}',
    ],
    ['a key less', '{"a": 1, "c": 2}', { op: 'remove', path: '/a' }, '{"c": 2}'],
    ['a key more', '{"a": 1}', { op: 'add', path: '/b', value: [1] }, '{"a": 1, "b": [1]}'],
  ])('keeps %s', (_title, text, operation, expected) =>
    expect(patched(text, [operation], 'a.json')).toBe(expected),
  );
});

describe('a fix of the example', () => {
  it('leaves every other line as it was', () => {
    const text = readFileSync(
      join(import.meta.dirname, '../../../../../examples/minimal-submission/kwanus.yaml'),
      'utf8',
    );
    const changed = patched(text, [
      { op: 'replace', path: '/permissions/0/expires', value: '2027-01-01' },
      { op: 'replace', path: '/metadata/version', value: '1.1.0' },
      { op: 'add', path: '/fallback/-', value: { for: 'extension:panel', on: ['5xx'], do: 'disable' } },
      { op: 'remove', path: '/network' },
    ]);
    const before = text.split('\n');
    const after = changed.split('\n');
    expect(after.filter((line) => !before.includes(line))).toEqual([
      'metadata: { partner: acme, name: parcels, version: 1.1.0, tier: silver }',
      '    expires: 2027-01-01',
      '  - {for: extension:panel, on: [5xx], do: disable}',
    ]);
    expect(before.length - after.length).toBe(0);
  });
});

it('a fix of a text is written at its end', () =>
  expect(applyFix('# Guide\n\n\n', { file: 'a.md', append: 'Nothing to migrate.' })).toBe(
    '# Guide\n\nNothing to migrate.\n',
  ));
