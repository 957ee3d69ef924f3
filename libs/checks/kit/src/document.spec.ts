import { describe, expect, it } from '@jest/globals';
import { parseDocument } from './document.js';
import { finding, fingerprintOf, presentable } from './finding.js';
import { at, own, pointerOf } from './pointer.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string, path = 'a.yaml') => parseDocument(bytes(text), path);
const codeOf = (text: string, path?: string): string => {
  const read = parse(text, path);
  return read.ok ? 'taken' : read.code;
};
const lineOf = (text: string, pointer: string, path?: string): number | null => {
  const read = parse(text, path);
  return read.ok ? read.lineOf(pointer) : -1;
};

describe('what is read', () => {
  it('takes YAML and JSON to the same data', () => {
    const yaml = parse('a: [1, true, null]\nb: "2026-01-01"\n');
    const json = parse('{"a": [1, true, null], "b": "2026-01-01"}', 'a.json');
    expect(yaml.ok && yaml.value).toEqual({ a: [1, true, null], b: '2026-01-01' });
    expect(json.ok && json.value).toEqual(yaml.ok && yaml.value);
  });

  it('names the lines of places however deep they lie, in documents of any length', () => {
    const deep = { b: [{ c: { d: { e: [1, { f: '/' }] } } }, {}] };
    const value = { a: deep, many: Array.from({ length: 60_000 }, () => ({})), z: deep };
    const text = JSON.stringify(value, null, 1);
    const ends = text.split('\n');
    const lineWith = (part: string, from = 0): number =>
      ends.findIndex((line, index) => index >= from && line.includes(part)) + 1;
    const read = parse(text, 'a.json');
    const line = (pointer: string) => (read.ok ? read.lineOf(pointer) : null);
    expect(line('/a/b/0/c/d/e/1/f')).toBe(lineWith('"f"'));
    expect(line('/a/b/1')).toBe(lineWith('"f"') + 6);
    expect(line('/many/59999')).toBe(lineWith('"many"') + 60_000);
    expect(line('/z/b/0/c/d/e/1/f')).toBe(lineWith('"f"', 60_000));
    expect(line('/z/b/0/c/d/g')).toBe(lineWith('"d"', 60_000));
  });

  it('names the line of a key, of a list’s entry, and of the nearest thing above what is missing', () => {
    const yaml = 'a:\n  b: 1\n  c:\n    - x\n    - y\n';
    expect(lineOf(yaml, '/a/b')).toBe(2);
    expect(lineOf(yaml, '/a/c/1')).toBe(5);
    expect(lineOf(yaml, '/a/missing/deeper')).toBe(1);
    const json = '{\n  "a": {\n    "b": 1,\n    "c": [\n      "x",\n      "y"\n    ]\n  }\n}\n';
    expect(lineOf(json, '/a/b', 'a.json')).toBe(3);
    expect(lineOf(json, '/a/c/1', 'a.json')).toBe(6);
    expect(lineOf(json, '/a/missing', 'a.json')).toBe(2);
    expect(lineOf(json, '', 'a.json')).toBe(1);
  });

  it('reads keys with slashes and tildes', () => {
    const json = '{"paths": {"/a~b": {\n"get": 1}}}';
    const read = parse(json, 'a.json');
    expect(read.ok && at(read.value, pointerOf('paths', '/a~b', 'get'))).toBe(1);
    expect(lineOf(json, pointerOf('paths', '/a~b', 'get'), 'a.json')).toBe(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['alias', 'a: &x 1\nb: *x\n'],
    ['duplicate-key', 'a: 1\na: 2\n'],
    ['unsafe-key', '__proto__: {admin: true}\n'],
    ['many-documents', 'a: 1\n---\nb: 2\n'],
    ['not-parseable', 'a: [1\n'],
    ['not-parseable', 'a: !!js/function "x"\n'],
    ['unsafe-value', 'a: "\\0"\n'],
    ['unsafe-value', 'a: .inf\n'],
    ['too-deep', '['.repeat(20_000)],
    ['too-deep', '- '.repeat(20_000)],
    ['too-deep', Array.from({ length: 400 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('YAML: %s', (code, text) => expect(codeOf(text)).toBe(code));

  it.each([
    ['duplicate-key', '{"a": 1, "b": {"c": 1, "\\u0063": 2}}'],
    ['unsafe-key', '{"a": {"__proto__": {"admin": true}}}'],
    ['unsafe-key', '{"\\u005f_proto__": 1}'],
    ['not-parseable', '{"a": 1,}'],
    ['not-parseable', ''],
    ['unsafe-value', '{"a": "\\u0000"}'],
    ['unsafe-value', '{"a": "\\ud800"}'],
    ['unsafe-value', '{"a": 1e999}'],
    ['too-deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['too-deep', '{"a":'.repeat(100_000)],
  ])('JSON: %s', (code, text) => expect(codeOf(text, 'a.json')).toBe(code));

  it('a mebibyte of faults by the first one', () => {
    for (const faults of ['}'.repeat(1_000_000), '"'.repeat(1_000_001), `a: "${'\\q'.repeat(500_000)}"`])
      expect(parse(faults, 'a.yaml')).toMatchObject({ ok: false, code: 'not-parseable', line: 1 });
  });

  it('more words and marks than are taken', () => {
    const limits = { maxBytes: 100, maxDepth: 5, maxTokens: 10 };
    expect(parseDocument(Buffer.from('[a, b]'), 'a.yaml', limits)).toMatchObject({ ok: true });
    expect(parseDocument(Buffer.from('[1,2,3,40]'), 'a.json', limits)).toMatchObject({ ok: true });
    for (const [text, path] of [
      ['[a, b, c]', 'a.yaml'],
      ['[1,2,3,4,5]', 'a.json'],
    ] as const)
      expect(parseDocument(Buffer.from(text), path, limits)).toMatchObject({
        code: 'too-large',
        message: 'has more than 10 parts',
      });
  });

  it('no list for its length', () => {
    const read = parse(`[${'a,'.repeat(200_000)}a]`, 'a.yaml');
    expect(read.ok && (read.value as unknown[]).length).toBe(200_001);
  });

  it('bytes before anything else', () => {
    const read = parseDocument(new Uint8Array(11), 'a.yaml', { maxBytes: 10, maxDepth: 5 });
    expect(read).toMatchObject({ ok: false, code: 'too-large' });
    expect(parseDocument(new Uint8Array([0x61, 0xff]), 'a.yaml')).toMatchObject({ code: 'not-utf8' });
  });

  it('takes the deepest that is allowed', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(codeOf(nested(200), 'a.json')).toBe('taken');
    expect(codeOf(nested(201), 'a.json')).toBe('too-deep');
  });

  it('does not take long over a map with very many keys', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(codeOf(text)).toBe('taken');
  });

  it('never lets a key reach a prototype', () => {
    expect(own({}, 'constructor')).toBeUndefined();
    expect(at({ a: [] }, '/a/length')).toBeUndefined();
  });
});

describe('findings', () => {
  const input = {
    ruleId: 'PM205',
    severity: 'blocks' as const,
    file: 'kwanus.yaml',
    pointer: '/permissions/0/id',
    line: 7,
    subject: 'orders:write',
    message: 'm',
    why: 'w',
    remedy: 'r',
  };

  it('keep their fingerprint when lines and places in lists move', () => {
    const moved = finding({ ...input, line: 99, pointer: '/permissions/3/id', file: './kwanus.yaml' });
    expect(moved.fingerprint).toBe(finding(input).fingerprint);
    expect(moved.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    { ruleId: 'PM206' },
    { subject: 'orders:read' },
    { pointer: '/permissions/0/scope' },
    { file: 'b.yaml' },
  ])('get another with %j', (change) =>
    expect(finding({ ...input, ...change }).fingerprint).not.toBe(finding(input).fingerprint),
  );

  it('don’t let one part run into the next', () =>
    expect(fingerprintOf('a', 'b c', 'd')).not.toBe(fingerprintOf('a', 'b', 'c d')));

  it('carry no text that the log refuses', () => {
    expect(presentable('a\u0000\ud800b')).toBe('a\uFFFD\uFFFDb');
    expect(presentable('x'.repeat(5_000))).toHaveLength(1_000);
  });
});
