import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Manifest, manifestJsonSchema } from './manifest.schema.js';
import { namedFiles } from './named-files.js';
import { Path } from './parts.js';

describe('the schema of the manifest', () => {
  it('is the committed one', async () => {
    const committed = await readFile(join(import.meta.dirname, 'kwanus.integration.v1.schema.json'), 'utf8');
    expect(JSON.parse(JSON.stringify(manifestJsonSchema()))).toEqual(JSON.parse(committed));
  });

  it.each(['/etc/passwd', '../a', 'a/../b', 'a\\b', './a', 'http://a', 'file:a', ''])(
    'takes no path %j',
    (path) => expect(Path.safeParse(path).success).toBe(false),
  );

  it.each(['a', 'a/b.yaml', 'a..b/c', '.well-known/a'])('takes the path %j', (path) =>
    expect(Path.safeParse(path).success).toBe(true),
  );

  it('takes any shape when files are looked for', () => {
    for (const shape of [
      {},
      { api: 1 },
      { api: { provides: 'x' } },
      { workflows: [null, 1, {}] },
      { docs: [] },
      { sbom: [{ path: 1 }] },
    ])
      expect(namedFiles(shape)).toEqual([]);
    expect(
      namedFiles({ sbom: [{ path: 'a', vex: 'b' }], docs: { workflow: { path: 'c', sha256: 'd' } } }),
    ).toEqual([
      { path: 'a', sha256: null, pointer: '/sbom/0' },
      { path: 'b', sha256: null, pointer: '/sbom/0/vex' },
      { path: 'c', sha256: 'd', pointer: '/docs/workflow' },
    ]);
  });

  it('refuses fields that nobody knows, at every level', () => {
    const { error } = Manifest.safeParse({ metadata: { surprise: 1 } });
    expect(
      error?.issues.some(({ code, path }) => code === 'unrecognized_keys' && path[0] === 'metadata'),
    ).toBe(true);
  });
});
