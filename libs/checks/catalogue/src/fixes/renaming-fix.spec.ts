import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import { runChecks } from '../index.js';
import { context, edited, manifest, put } from '../testing/edited-submission.js';
import { renamingFix } from './renaming-fix.js';

const fixOf = (manifest: JsonObject, place: readonly string[], ...unknown: readonly string[]) =>
  renamingFix({ manifest, manifestPath: 'kwanus.yaml' }, place, unknown);

describe('Fields that nobody knows', () => {
  it('are renamed with all they hold where one field is misspelt', () => {
    for (const key of ['falback', 'fallbakc', 'Fallback', 'fallbacks', 'fellback'])
      expect(fixOf({ [key]: [1] }, [], key)).toEqual({
        file: 'kwanus.yaml',
        patch: [
          { op: 'add', path: '/fallback', value: [1] },
          { op: 'remove', path: `/${key}` },
        ],
      });
    expect(fixOf({ permissions: [{ expirse: 'p' }] }, ['permissions', '0'], 'expirse')).toMatchObject({
      patch: [{ path: '/permissions/0/expires', value: 'p' }, { op: 'remove' }],
    });
  });

  it('are renamed inside alternatives of which one has fields', async () => {
    expect(fixOf({ docs: { lifecycle: { pth: 'a.md' } } }, ['docs', 'lifecycle'], 'pth')).toEqual({
      file: 'kwanus.yaml',
      patch: [
        { op: 'add', path: '/docs/lifecycle/path', value: 'a.md' },
        { op: 'remove', path: '/docs/lifecycle/pth' },
      ],
    });
    const misspelt = await edited(
      manifest((m) => put(m['docs'], { lifecycle: { pth: 'docs/lifecycle.md' } })),
    );
    const { results } = await runChecks(misspelt, context(), { checks: ['manifest'], fixes: true });
    expect(results[0]?.findings.map(({ message, fix }) => [message, fix !== undefined])).toEqual([
      ['docs.lifecycle.path: Invalid input: expected string, received undefined', false],
      ['docs.lifecycle: Unrecognized key: "pth"', true],
    ]);
  });

  it('are left as they are otherwise', () => {
    expect(fixOf({ surprise: 1 }, [], 'surprise')).toBeNull();
    expect(fixOf({ falback: [1], fallback: [2] }, [], 'falback')).toBeNull();
    expect(fixOf({ falback: [1], fallbac: [2] }, [], 'falback', 'fallbac')).toBeNull();
    expect(fixOf({ surprise: 1, falback: [] }, [], 'surprise', 'falback')?.file).toBe('kwanus.yaml');
  });
});
