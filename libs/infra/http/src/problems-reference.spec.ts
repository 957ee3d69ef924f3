import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { problemsReference } from './problems-reference.js';

describe('the reference of problems', () => {
  it('is what `npm run docs` writes', () => {
    expect(readFileSync('docs/reference/problems.md', 'utf8')).toBe(problemsReference());
  });
});
