import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findCaches } from './caches.js';
import { BrokerUnusable } from './errors.js';

describe('findCaches', () => {
  let folder = '';
  let writable = '';
  let unwritable = '';
  let project = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'caches-'));
    writable = join(folder, 'home');
    mkdirSync(writable);
    // No folder can be made beneath a file, not even by root.
    writeFileSync(join(folder, 'file'), '');
    unwritable = join(folder, 'file', 'home');
    project = join(folder, 'project');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves Maven its usual place where the account has a home folder', () =>
    expect(findCaches({ environment: writable, account: writable }, project)).toEqual({
      folder: join(writable, '.cache', 'kwanus'),
      mavenRepository: null,
    }));

  it('gives Maven a place in HOME where the account has no home folder, which alone Java would ask', () =>
    expect(findCaches({ environment: writable, account: unwritable }, project)).toEqual({
      folder: join(writable, '.cache', 'kwanus'),
      mavenRepository: join(writable, '.cache', 'kwanus', 'maven'),
    }));

  it.each([null, 'unwritable'])(
    'falls back to the project where HOME can’t be written (account: %s)',
    (account) =>
      expect(findCaches({ environment: unwritable, account: account && unwritable }, project)).toEqual({
        folder: project,
        mavenRepository: join(project, 'maven'),
      }),
  );

  it('says what to do where nothing can be written', () =>
    expect(() => findCaches({ environment: unwritable, account: null }, unwritable)).toThrow(
      expect.objectContaining({ constructor: BrokerUnusable, message: expect.stringContaining('Set HOME') }),
    ));
});
