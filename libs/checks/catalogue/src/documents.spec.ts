import { describe, expect, it } from '@jest/globals';
import { CATALOGUE, runChecks } from './index.js';
import {
  context,
  contract,
  type Edits,
  edited,
  findingsOf,
  manifest,
  push,
  put,
  yamlEdit,
} from './testing/edited-submission.js';

const DOCUMENTS = CATALOGUE.filter(({ kind }) => kind === 'documentation').map(({ id }) => id);
const subjects = async (ruleId: string, edits: Edits): Promise<readonly string[]> => {
  const verdict = await runChecks(await edited(edits), context(), { checks: DOCUMENTS });
  return findingsOf(verdict, ruleId).map(({ message }) => message);
};
const doc = (name: string, text: string): Edits => ({ [`docs/${name}.md`]: text });

describe('[PB-8.01] the API reference', () => {
  it.each([
    ['by method and path', 'POST /parcels and GET /parcels/{id}'],
    ['whatever the path parameter is called', '- POST /parcels\n- GET /parcels/{parcelId}.'],
    [
      'in columns of a table',
      '| method | path |\n| - | - |\n| `POST` | `/parcels` |\n| **GET** | /parcels/{id} |',
    ],
    ['in an example', '```http\nPOST /parcels\nGET /parcels/{id}\n```'],
    ['by operationId', 'registerParcel, and `getParcel`'],
  ])('covers operations %s', async (_, text) =>
    expect(await subjects('DC801', doc('api-reference', text))).toEqual([]),
  );

  it.each([
    ['a longer path is another operation', 'POST /parcels/batch, GET /parcels/{id}', 'POST /parcels '],
    ['a comment shows nothing', 'registerParcel <!-- getParcel -->', 'GET /parcels/{id} '],
    ['a longer id is another operation', 'registerParcels, getParcel', 'POST /parcels '],
    [
      'words about the reference name nothing',
      '# API reference\n\nIt covers every operation of the contract.',
      'GET',
    ],
  ])('does not: %s', async (_, text, missing) =>
    expect((await subjects('DC801', doc('api-reference', text))).join('\n')).toContain(missing),
  );
});

describe('[PB-8.02] the workflow documentation', () => {
  const said = 'Registers a parcel for every order that is shipped.';
  it.each([
    ['names it in a heading and says more below', `# register-parcel\n\n${said} On failure it is parked.`],
    ['names it in the text', `# W\n\nregister-parcel: ${said}\n\n## Failure\n\nThe parcel is parked.`],
  ])('that %s is enough', async (_, text) =>
    expect(await subjects('DC802', doc('workflow', text))).toEqual([]),
  );

  it.each([
    ['only headings', '# register-parcel\n\n## Fallback\n\n## park'],
    [
      'the word fallback and nothing of what happens',
      `# register-parcel\n\n${said}\n\n## Fallback\n\nThere is a fallback.`,
    ],
    ['a heading about parking only', `# register-parcel\n\n${said}\n\n## How it is parked\n\nSee above.`],
    ['a comment', `# register-parcel\n\n${said} <!-- parked -->`],
  ])('that has %s is not', async (_, text) =>
    expect(await subjects('DC802', doc('workflow', text))).toHaveLength(1),
  );

  it('describes the fallback of each where there are several', async () => {
    const two: Edits = {
      'kwanus.yaml': yamlEdit((m) => {
        push(m['workflows'], { ...m['workflows']?.[0], id: 'return-parcel', trigger: { schedule: 'PT1H' } });
        push(m['fallback'], { for: 'workflow:return-parcel', on: ['timeout'], do: 'skip' });
      }),
    };
    const first = `## register-parcel\n\n${said} On failure it is parked.\n\n`;
    const second = '## return-parcel\n\nTakes parcels back, once in every hour of the day.';
    expect(
      await subjects('DC802', { ...two, ...doc('workflow', `${first}${second} The rest is parked.`) }),
    ).toEqual([expect.stringContaining('workflow:return-parcel (skip)')]);
    expect(
      await subjects('DC802', { ...two, ...doc('workflow', `${first}${second} The rest is skipped.`) }),
    ).toEqual([]);
  });

  it('names what is served instead', async () => {
    const serves = manifest((m) => put(m['fallback']?.[0], { do: undefined, serve: 'api:parcels-v1' }));
    const text = `# register-parcel\n\n${said}`;
    expect(await subjects('DC802', { ...serves, ...doc('workflow', text) })).toHaveLength(1);
    expect(await subjects('DC802', { ...serves, ...doc('workflow', `${text} Else parcels-v1.`) })).toEqual(
      [],
    );
  });
});

describe('[PB-8.03] the integration guide', () => {
  const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');
  it.each([
    ['fifteen words', `# Guide\n\n${words(15)}`, 0],
    ['fourteen, and a long heading', `# A guide with a heading of very many words\n\n${words(14)}`, 1],
    ['fifteen in a comment', `# Guide\n\n<!-- ${words(15)} -->`, 1],
  ])('with %s', async (_, text, count) =>
    expect(await subjects('DC803', doc('integration-guide', text))).toHaveLength(count),
  );
});

describe('[PB-8.04] the migration guide', () => {
  it.each([
    ['in its text', '# Guide\n\nNothing to migrate: this is the first release.', 0],
    ['only in headings', '# Nothing to migrate: this is the first release', 1],
    ['only in a comment', '# Guide\n\n<!-- Nothing to migrate: this is the first release. -->', 1],
  ])('says %s that there is nothing to migrate', async (_, text, count) =>
    expect(await subjects('FD406', doc('migration-guide', text))).toHaveLength(count),
  );

  it.each([
    ['nothing below', '## GET /parcels/{id}\n\n## Contact\n\nWrite to us at any time.', 1],
    ['two words below', '## GET /parcels/{id}\n\nIt vanished.', 1],
    ['three words below', '## GET /parcels/{id}\n\nUse the list.', 0],
    ['a part of its own below', '## GET /parcels/{id}\n\n### What to do\n\nUse the list.', 0],
    ['an example below', '## GET /parcels/{id}\n\n```\nGET /parcels?id=1\n```', 0],
  ])('names a breaking change by a heading with %s', async (_, text, count) => {
    const second = await edited({
      ...contract((c) => delete (c['paths'] as { '/parcels/{id}'?: unknown })['/parcels/{id}']),
      ...doc('migration-guide', text),
    });
    const verdict = await runChecks(second, context({ bases: [await edited()] }));
    expect(findingsOf(verdict, 'FD403')).toHaveLength(count);
  });
});

describe('[PB-8.05] the lifecycle documentation', () => {
  const rest = 'Deprecation: six months ahead.';
  it.each([
    ['in sentences', `Supported until 2028-12-31. Retired on 2029-06-30. ${rest}`],
    [
      'in one sentence',
      `Support ends on 2028-12-31 and it is retired on 2029-06-30, deprecated 90 days before.`,
    ],
    [
      'under headings',
      `## Support\n\nUntil 2028-12-31.\n\n## Retirement\n\nOn 2029-06-30.\n\n## Deprecation\n\n6 months.`,
    ],
    [
      'in columns',
      `| version | supported until | retirement |\n| - | - | - |\n| 1.x | 2028-12-31 | 2029-06-30 |\n\n${rest}`,
    ],
    ['on one day', `Supported until 2029-06-30. Retired on 2029-06-30. ${rest}`],
    ['today', `Supported until 2026-11-23. Retired on 2026-11-23. ${rest}`],
    [
      'with older versions',
      `Support of 0.x ended 2025-01-01, of 1.x 2028-12-31. Retired: 2029-06-30. ${rest}`,
    ],
  ])('gives its days %s', async (_, text) =>
    expect(await subjects('DC805', doc('lifecycle', text))).toEqual([]),
  );

  it.each([
    [
      'words of the requirement and one day of anything',
      '# Support window, deprecation and retirement dates\n\nWritten on 2028-12-31.',
      [/deprecated/, /end of support/, /retirement/],
    ],
    ['no day of support', `Support for long. Retired on 2029-06-30. ${rest}`, [/end of support/]],
    ['yesterday', `Supported until 2026-11-22. Retired on 2029-06-30. ${rest}`, [/2026-11-22, is past/]],
    [
      'retirement a day too early',
      `Supported until 2029-06-30. Retired on 2029-06-29. ${rest}`,
      [/before support/],
    ],
    [
      'no period of deprecation',
      'Supported until 2028-12-31. Retired on 2029-06-30. Deprecated with care.',
      [/ahead/],
    ],
    [
      'a day that is in no calendar',
      `Supported until 2028-12-32. Retired on 2029-06-30. ${rest}`,
      [/no date/, /support/],
    ],
    [
      'columns that are mixed up',
      `| version | retirement | supported until |\n| - | - | - |\n| 1.x | 2028-12-31 | 2029-06-30 |\n\n${rest}`,
      [/before support/],
    ],
  ])('is refused with %s', async (_, text, expected) =>
    expect([...(await subjects('DC805', doc('lifecycle', text)))].sort()).toEqual(
      expected.map((pattern) => expect.stringMatching(pattern)),
    ),
  );

  it('names the day of everything that the manifest deprecates', async () => {
    const deprecates = manifest((m) =>
      put(m['lifecycle'], {
        deprecates: [{ ref: 'api:parcels-v1#GET /parcels/{id}', sunset: '2027-06-01' }],
      }),
    );
    expect(await subjects('DC805', deprecates)).toEqual([expect.stringContaining('2027-06-01')]);
    const named = {
      'docs/lifecycle.md': (text: string) => `${text}\nGET /parcels/{id} is removed on 2027-06-01.`,
    };
    expect(await subjects('DC805', { ...deprecates, ...named })).toEqual([]);
  });
});

describe('[PB-8.06] the governance update', () => {
  it.each([
    ['says that nothing changes', 'Nothing changes.', 0],
    ['says so otherwise', 'There are no further changes for any body.', 0],
    ['says which body must do what', 'SCO reviews the new permission once a year from now on.', 0],
    ['says it under a heading', '## SCO\n\nReviews the new permission every year.', 0],
    ['says one word less', '## SCO\n\nReviews the permission every year.', 1],
    ['has a heading only', '## Nothing changes for SCO\n\nHello.', 1],
    [
      'speaks of changes and says none',
      'This update is about what is new and what governance must change.',
      1,
    ],
  ])('that %s', async (_, text, count) =>
    expect(await subjects('DC806', doc('governance', `# Governance update\n\n${text}`))).toHaveLength(count),
  );
});
