import { describe, expect, it } from '@jest/globals';
import { manifestOf } from '@kwanus/checks-catalogue';
import { HttpProblem } from '@kwanus/http';
import { fileReferencesIn } from '../artifacts/artifact-references.projection.js';
import { checkContracts, checkFiles, checkSubmission, contactId, manifestFile } from './submission.js';

const digest = (letter: string): string => letter.repeat(64);
const file = (path: string, letter = 'a', size = 3) => ({
  path,
  digest: digest(letter),
  size,
  mediaType: 'text/markdown',
});
const known = (...letters: string[]) => new Map(letters.map((letter) => [digest(letter), { size: 3 }]));

const MANIFEST = `apiVersion: kwanus.integration/v1
kind: Integration
metadata: { partner: acme, name: orders, version: 1.3.0 }
lifecycle: { stability: stable }
compatibility: { platform: ">=4.2 <6" }
accountable: { contact: { name: Ann, email: ann@acme.example }, sponsor: Platform }
proposal: { expansionProposal: { path: proposal.md, sha256: ${digest('b')} } }
docs: { apiReference: docs/api.md }
`;
const FILES = [file('kwanus.yaml'), file('proposal.md', 'b'), file('docs/api.md', 'c')];
const body = (files = FILES) => ({ manifest: 'kwanus.yaml', files });
const check = (text: string, files = FILES) =>
  checkSubmission(body(files), manifestOf(Buffer.from(text), 'kwanus.yaml'));

function errorsOf(work: () => unknown): readonly { pointer: string; message: string }[] {
  try {
    work();
  } catch (error) {
    if (error instanceof HttpProblem && error.problem === 'validation-failed') return error.errors;
    throw error;
  }
  return [];
}
const pointers = (work: () => unknown): string[] => errorsOf(work).map(({ pointer }) => pointer);

describe('the files of a submission', () => {
  it('may be referred to when they are in the store with digest and size', () =>
    expect(pointers(() => checkFiles(FILES, known('a', 'b', 'c')))).toEqual([]));

  it('are refused when they name a media type that is none', () =>
    expect(
      pointers(() => checkFiles([{ ...file('a.md'), mediaType: 'text/markdown\r\nX-Evil: 1' }], known('a'))),
    ).toEqual(['/files/0/mediaType']));

  it('are refused when their contracts are too large to be read while somebody waits', () => {
    const half = { ...file('a.yaml'), size: 1024 * 1024 };
    const other = { ...half, path: 'b.yaml' };
    expect(() => checkContracts([half, other], ['a.yaml', 'b.yaml'])).not.toThrow();
    const third = { ...half, path: 'c.yaml', size: 1 };
    expect(pointers(() => checkContracts([half, other, third], ['a.yaml', 'b.yaml', 'c.yaml']))).toEqual([
      '/files',
    ]);
    expect(() => checkContracts([half, other, third], ['a.yaml', 'c.yaml'])).not.toThrow();
  });

  it('are refused one by one: unknown digest, other size, path twice, path out of the folder', () => {
    const files = [
      file('a.md', 'x'),
      file('b.md', 'a', 4),
      file('b.md'),
      file('../c.md'),
      file('/d.md'),
      file('e\\f.md'),
    ];
    expect(pointers(() => checkFiles(files, known('a')))).toEqual([
      '/files/0/digest',
      '/files/1/size',
      '/files/2/path',
      '/files/3/path',
      '/files/4/path',
      '/files/5/path',
    ]);
  });

  it('include the manifest', () =>
    expect(pointers(() => manifestFile({ manifest: 'x.yaml', files: FILES }))).toEqual(['/manifest']));
});

describe('a submission', () => {
  it('names id, release, and each document by its digest', () => {
    const checked = check(MANIFEST);
    expect(checked).toMatchObject({ integrationId: 'acme.orders', partner: 'acme', release: '1.3.0' });
    expect(checked.documents.map(({ section, kind, file: { digest: of } }) => [section, kind, of])).toEqual([
      ['proposal', 'expansionProposal', digest('b')],
      ['docs', 'apiReference', digest('c')],
    ]);
    expect(checked.digests['document:expansionProposal']).toBe(digest('b'));
  });

  it('hashes each part by itself: another document leaves the rest as it is', () => {
    const before = check(MANIFEST).digests;
    const after = check(MANIFEST, [
      file('kwanus.yaml'),
      file('proposal.md', 'b'),
      file('docs/api.md', 'd'),
    ]).digests;
    const changed = Object.keys(before).filter((key) => before[key] !== after[key]);
    expect(changed.sort()).toEqual(['document:apiReference', 'everything', 'manifest:docs']);
  });

  it.each([
    ['an alias', 'a: &x [1]\nb: *x\n'],
    ['a duplicate key', 'kind: a\nkind: b\n'],
    ['__proto__', '__proto__: { kind: Integration }\n'],
    ['U+0000', 'kind: "a\\0b"\n'],
    ['a tag', 'kind: !!js/function x\n'],
    ['two documents', 'kind: a\n---\nkind: b\n'],
    ['a scalar', 'hello\n'],
    ['deep nesting', `${'['.repeat(5_000)}`],
  ])('is refused for %s in the manifest, with what was found', (_, text) =>
    expect(pointers(() => check(text))).toEqual(['/manifest']),
  );

  it('is refused for what the schema does not know, with a pointer into the manifest', () =>
    expect(pointers(() => check(`${MANIFEST}riskTier: low\n`))).toEqual(['manifest:/riskTier']));

  it('is refused when the manifest names a file that is not there, or another digest', () => {
    const other = MANIFEST.replace(digest('b'), digest('e')).replace('docs/api.md', 'docs/none.md');
    expect(pointers(() => check(other)).sort()).toEqual([
      'manifest:/docs/apiReference',
      'manifest:/proposal/expansionProposal/sha256',
    ]);
  });

  it('has its accountable people in the log by an opaque id only', () =>
    expect(contactId('acme', 'ann@acme.example')).toMatch(/^contact:[0-9a-f]{32}$/));

  it('names people of its own: another partner’s of the same address is another', () =>
    expect(contactId('acme', 'ann@acme.example')).not.toBe(contactId('globex', 'ann@acme.example')));
});

describe('file references', () => {
  it('are found at any depth', () =>
    expect(
      fileReferencesIn({ a: [{ b: file('x.md') }], c: { d: { e: file('y.md', 'b') } } })
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['x.md', 'y.md']));
});
