import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe('the repository', () => {
  it('[DC-5] has the top level that the design names', () => {
    const root = join(import.meta.dirname, '..');
    const named = [
      'package.json',
      'nx.json',
      'tsconfig.base.json',
      'apps',
      'libs',
      'docker-compose.yml',
      'README.md',
    ];
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });
});
