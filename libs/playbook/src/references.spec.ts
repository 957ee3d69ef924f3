import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { danglingNames } from './references.js';
import { PlaybookFile } from './schema.js';

const WHOLE = readFileSync(join(import.meta.dirname, '../playbooks/1.0.yaml'), 'utf8');

/** What is wrong with 1.0 when one text stands in place of another. */
function problems(from: string, to: string): string {
  expect(WHOLE).toContain(from);
  const read = PlaybookFile.safeParse(parse(WHOLE.replace(from, to)));
  return read.success
    ? danglingNames(read.data)
        .map(({ path, message }) => `${path.join('.')} ${message}`)
        .join('; ')
    : read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
}

describe('Nothing is left to the code that the playbook says, and no name of it leads nowhere:', () => {
  it.each<readonly [string, string, string, string]>([
    [
      'evidence that is checked against no section',
      'covers: ["manifest:workflows"], requirement',
      'covers: ["manifest:workflow"], requirement',
      'names manifest:workflow',
    ],
    [
      'evidence that is checked against nothing: it would hold whatever changes',
      'covers: ["manifest:workflows"], requirement',
      'covers: [], requirement',
      'say what its evidence is checked against',
    ],
    [
      'evidence that nobody checks, against something',
      'verified: false, covers: []',
      'verified: false, covers: [contract]',
      'belongs to a task that is verified',
    ],
    ['a registry of nobody', 'registry:\n  body: SCO', 'registry:\n  body: XYZ', 'names the body XYZ'],
    [
      'an annual check that is not there',
      'checks: [manifest,',
      'checks: [manifests,',
      'names the check manifests',
    ],
    [
      'one door that is probing',
      'permissions: 3, within',
      'permissions: 1, within',
      'monitoring.probing.permissions',
    ],
  ])('%s', (_, from, to, problem) => expect(problems(from, to)).toContain(problem));

  it('1.0 has none', () => expect(problems('version', 'version')).toBe(''));
});
