import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
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

  it('are left as they are otherwise', () => {
    expect(fixOf({ surprise: 1 }, [], 'surprise')).toBeNull();
    expect(fixOf({ falback: [1], fallback: [2] }, [], 'falback')).toBeNull();
    expect(fixOf({ falback: [1], fallbac: [2] }, [], 'falback', 'fallbac')).toBeNull();
    expect(fixOf({ surprise: 1, falback: [] }, [], 'surprise', 'falback')?.file).toBe('kwanus.yaml');
  });
});
