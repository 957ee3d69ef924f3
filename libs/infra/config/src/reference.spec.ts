import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configurationReference, environmentExample } from './index.js';

describe('the reference', () => {
  it('is what `npm run docs` writes', () => {
    expect(readFileSync('docs/reference/configuration.md', 'utf8')).toBe(configurationReference());
    expect(readFileSync('.env.example', 'utf8')).toBe(environmentExample());
  });
});
