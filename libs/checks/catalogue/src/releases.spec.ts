import { describe, expect, it } from '@jest/globals';
import type { Submission } from '@kwanus/checks-kit';
import { changedSections, hashSections, runChecks, type Verdict } from './index.js';
import {
  context,
  type Edits,
  edited,
  findingsOf,
  push,
  said,
  yamlEdit,
} from './testing/edited-submission.js';

const version = (to: string) => (text: string) =>
  text.replace('version: 1.0.0, tier', `version: ${to}, tier`);
const guide = (text: string): Edits => ({ 'docs/migration-guide.md': `# Migration guide\n\n${text}\n` });
const withoutGet = yamlEdit((contract) => {
  delete (contract['paths'] as { '/parcels/{id}'?: unknown })['/parcels/{id}'];
});
const withMore = yamlEdit((contract) => {
  Object.assign(contract['components']?.['schemas']?.['Parcel']?.['properties'] as object, {
    weight: { type: 'number' },
  });
});
const reference = { 'docs/api-reference.md': '# API reference\n\nregisterParcel, getParcel' };

const WEBHOOKS_ONLY = `openapi: 3.1.0
info: { title: Tracking, version: 1.0.0 }
webhooks:
  delivered:
    post:
      operationId: delivered
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { 204: { description: taken } }
`;

const against = async (bases: readonly Submission[], edits: Edits): Promise<Verdict> =>
  runChecks(await edited({ ...reference, ...edits }), context({ bases }));

describe('a second release', () => {
  it('[PB-6.04] [PB-8.04] that grew compatibly passes as a minor version whose guide says that nothing is to be migrated', async () => {
    const verdict = await against([await edited()], {
      'kwanus.yaml': version('1.1.0'),
      'api/parcels.yaml': withMore,
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(said(verdict)).toEqual([]);
    expect(verdict.facts).toMatchObject({
      breaking: false,
      semver: 'minor',
      newPermissions: [],
      newWorkflows: [],
    });
    expect(verdict.facts.changedSections).toEqual(
      expect.arrayContaining(['contract', 'document:migrationGuide', 'manifest:api', 'manifest:metadata']),
    );
    expect(verdict.facts.changedSections).not.toContain('manifest:permissions');
  });

  it('[PB-6.04] needs more than a patch when the contract grew', async () => {
    const verdict = await against([await edited()], {
      'kwanus.yaml': version('1.0.1'),
      'api/parcels.yaml': withMore,
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(said(verdict)).toEqual(['semantic-version blocks SV402']);
    expect(findingsOf(verdict, 'SV402')[0]?.remedy).toContain('1.1.0');
  });

  it('[PB-6.04] must be newer than every live version', async () => {
    const verdict = await against([await edited()], guide('Nothing to migrate from 1.0.0.'));
    expect(said(verdict)).toEqual(['semantic-version blocks SV401']);
  });

  it('[PB-6.03] [PB-6.05] that breaks is stopped without version and guide, and goes on with both', async () => {
    const first = await edited();
    const broken = { 'kwanus.yaml': version('1.1.0'), 'api/parcels.yaml': withoutGet };
    const stopped = await against([first], { ...broken, ...guide('Nothing to migrate from 1.0.0.') });
    expect(said(stopped)).toEqual(
      expect.arrayContaining(['semantic-version blocks SV402', 'migration-guide blocks FD403']),
    );
    expect(findingsOf(stopped, 'FD403')[0]).toMatchObject({
      facts: { operation: 'GET /parcels/{id}', anchor: 'get-parcelsid' },
    });
    const fixed = await against([first], {
      ...broken,
      'kwanus.yaml': version('2.0.0'),
      ...guide('## GET /parcels/{id}\n\nUse the list instead.'),
    });
    expect(fixed.results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(fixed.facts).toMatchObject({ breaking: true, semver: 'major' });
  });

  it('[PB-8.04] is named by an anchor whatever the path parameter is called, or by the anchor itself', async () => {
    const first = await edited();
    const broken = { 'kwanus.yaml': version('2.0.0'), 'api/parcels.yaml': withoutGet };
    for (const text of [
      '### `GET /parcels/{parcelId}`',
      '<a id="get-parcelsid"></a>',
      '## GET /parcels/{id} {#gone}',
    ])
      expect(
        findingsOf(
          await against([first], { ...broken, ...guide(`${text}\n\nUse the list instead.`) }),
          'FD403',
        ),
      ).toEqual([]);
    for (const text of ['## GET /parcels', 'GET /parcels/{id} is gone', '```\n## GET /parcels/{id}\n```'])
      expect(findingsOf(await against([first], { ...broken, ...guide(text) }), 'FD403')).toHaveLength(1);
  });

  it('[PB-6.05] is judged against every live version, not only the last', async () => {
    const first = await edited();
    const second = await edited({ 'kwanus.yaml': version('2.0.0'), 'api/parcels.yaml': withoutGet });
    const third = await against([second, first], {
      'kwanus.yaml': version('2.1.0'),
      'api/parcels.yaml': withoutGet,
      ...guide('Nothing to migrate from 2.0.0.'),
    });
    expect(findingsOf(third, 'FD403').map(({ facts }) => facts?.['from'])).toEqual(['1.0.0']);
  });

  it('[PB-4.01] may not be served under another version in silence', async () => {
    const verdict = await against([await edited()], {
      'kwanus.yaml': (text) => version('1.1.0')(text).replace('/partners/acme/v1', '/partners/acme/v2'),
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(said(verdict)).toEqual([
      'versioned-endpoints blocks VE102',
      'contract-diff warns api-base-path-changed',
      'semantic-version blocks SV402',
      'migration-guide blocks FD403',
    ]);
  });

  it('[PB-6.05] [PB-4.01] may not move to another path within its version in silence', async () => {
    const served = (path: string) => (text: string) => text.replace('/partners/acme/v1', path);
    const moved = async (to: string) =>
      said(
        await against([await edited()], {
          'kwanus.yaml': (text) => served(to)(version('1.1.0')(text)),
          ...guide('Nothing to migrate from 1.0.0.'),
        }),
      );
    expect(await moved('/partners/acme-eu/v1')).toEqual([
      'contract-diff warns api-base-path-changed',
      'semantic-version blocks SV402',
      'migration-guide blocks FD403',
    ]);
    expect(await moved('/partners/acme/v1/')).toEqual([]);
  });

  it('[PB-6.04] needs more than a patch for an API that is new, also one of webhooks alone', async () => {
    const more = (text: string) =>
      yamlEdit((m) => {
        push(m['api']?.['provides'], { id: 'tracking-v1', openapi: 'api/tracking.yaml', basePath: '/t/v1' });
        push(m['fallback'], { for: 'api:tracking-v1', on: ['5xx'], do: 'serve-cached' });
      })(text);
    const second = (to: string): Edits => ({
      'kwanus.yaml': (text) => more(version(to)(text)),
      'api/tracking.yaml': WEBHOOKS_ONLY,
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    const patch = await against([await edited()], second('1.0.1'));
    expect(said(patch)).toEqual(['semantic-version blocks SV402']);
    expect(findingsOf(patch, 'SV402')[0]?.facts).toMatchObject({ needed: 'minor', step: 'patch' });
    expect(said(await against([await edited()], second('1.1.0')))).toEqual([]);
  });

  it('[PB-6.05] breaks whoever waits for webhooks when a contract of webhooks alone is gone', async () => {
    const first = await edited({
      'kwanus.yaml': yamlEdit((m) =>
        push(m['api']?.['provides'], { id: 'tracking-v1', openapi: 'api/tracking.yaml', basePath: '/t/v1' }),
      ),
      'api/tracking.yaml': WEBHOOKS_ONLY,
    });
    const verdict = await against([first], {
      'kwanus.yaml': version('1.1.0'),
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(said(verdict)).toEqual([
      'contract-diff warns webhook-removed',
      'semantic-version blocks SV402',
      'migration-guide blocks FD403',
    ]);
  });

  it('[PB-4.09] [PB-7.01] PM204 shows what a permission grew by, as a fact for the risk', async () => {
    const base = await edited({
      'kwanus.yaml': yamlEdit((m) => Object.assign(m['permissions']?.[0] as object, { actions: ['list'] })),
    });
    const verdict = await against([base], {
      'kwanus.yaml': version('1.1.0'),
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(said(verdict)).toEqual(['permission-boundary warns PM204']);
    expect(verdict.facts.newPermissions).toEqual(['orders:read']);
  });

  describe('[PB-6.05] that publishes an event', () => {
    const schema = (required: string) =>
      `{"type":"object","properties":{"id":{"type":"string"},"kg":{"type":"number"}},"required":[${required}]}`;
    const publishing = (to: string, required: string, more: object = {}): Edits => ({
      'kwanus.yaml': (text) =>
        yamlEdit((m) =>
          Object.assign(m['events'] as object, {
            publishes: [{ type: 'acme.parcel.sent', schema: 'events/sent.json', ...more }],
          }),
        )(version(to)(text)),
      'events/sent.json': schema(required),
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    const stopped = ['semantic-version blocks SV402', 'migration-guide blocks FD403'];

    it.each([
      ['BACKWARD', '"id"', '"id","kg"', ['contract-diff warns request-property-became-required']],
      ['BACKWARD', '"id","kg"', '"id"', []],
      ['FORWARD', '"id","kg"', '"id"', ['contract-diff warns response-property-became-optional']],
      ['FORWARD', '"id"', '"id","kg"', []],
      ['FULL', '"id","kg"', '"id"', ['contract-diff warns response-property-became-optional']],
      ['NONE', '"id","kg"', '"id"', []],
    ])('by the mode %s, from %s to %s', async (mode, was, is, expected) => {
      const base = await edited(publishing('1.0.0', was));
      const found = said(await against([base], publishing('1.1.0', is, { mode })));
      expect(found).toEqual(expected.length === 0 ? [] : [...expected, ...stopped]);
    });

    it('by the mode of the manifest, which is transitive, against every live version', async () => {
      const [first, second] = [publishing('1.0.0', '"id"'), publishing('1.1.0', '"id","kg"')];
      const bases = [await edited(second), await edited(first)];
      const found = findingsOf(
        await against(bases, publishing('1.2.0', '"id","kg"')),
        'request-property-became-required',
      );
      expect(found.map(({ facts }) => facts?.['from'])).toEqual(['1.0.0']);
      const last = await against(bases, publishing('1.2.0', '"id","kg"', { mode: 'BACKWARD' }));
      expect(findingsOf(last, 'request-property-became-required')).toEqual([]);
    });
  });

  it('can’t be judged when a live version can’t be read any more', async () => {
    const base = await edited({ 'api/parcels.yaml': 'a: [' });
    const verdict = await against([base], {
      'kwanus.yaml': version('1.1.0'),
      ...guide('Nothing to migrate from 1.0.0.'),
    });
    expect(verdict.results.find(({ check }) => check === 'contract-diff')?.outcome).toBe('inconclusive');
  });
});

describe('what votes cover', () => {
  it('has the same digests whatever the order of keys and whether digests are written out', async () => {
    const plain = hashSections(await edited());
    const turned = hashSections(
      await edited({
        'kwanus.yaml': yamlEdit((m) => {
          for (const key of Object.keys(m).reverse()) {
            const value = (m as Record<string, unknown>)[key];
            delete (m as Record<string, unknown>)[key];
            (m as Record<string, unknown>)[key] = value;
          }
        }),
      }),
    );
    const written = hashSections(
      await edited({
        'kwanus.yaml': (text) =>
          text.replace(
            'openapi: api/parcels.yaml',
            `openapi: { path: api/parcels.yaml, sha256: ${'a'.repeat(64)} }`,
          ),
      }),
    );
    expect(changedSections(plain, turned)).toEqual([]);
    expect(changedSections(plain, written)).toEqual([]);
  });

  it.each([
    ['workflows/register-parcel.yaml', ['manifest:preparation', 'manifest:workflows']],
    ['api/parcels.yaml', ['contract', 'manifest:api']],
    ['docs/lifecycle.md', ['document:lifecycle', 'manifest:docs']],
    ['proposal/lifecycle-plan.md', ['document:lifecyclePlan', 'manifest:proposal']],
  ])('changes with the bytes of %s, and nothing else does', async (path, sections) => {
    const changed = await edited({ [path]: (text) => `${text}\n` });
    expect(changedSections(hashSections(await edited()), hashSections(changed))).toEqual(sections);
  });
});
