import { describe, expect, it } from '@jest/globals';
import { CATALOGUE, verdictBytes } from './index.js';
import {
  context,
  contract,
  edited,
  findingsOf,
  goesOn,
  judge,
  manifest,
  permission,
  push,
  put,
  type Row,
  registry,
  said,
  workflow,
} from './testing/edited-submission.js';

/** One step away from what fires. */
const SILENT: readonly Row[] = [
  [
    '[PB-4.01] the version in every path',
    {
      ...manifest((m) => put(m['api']?.['provides']?.[0], { basePath: undefined })),
      ...contract((c) => {
        put(c['servers']?.[0], { url: 'https://api.acme.example' });
        put(c, {
          paths: Object.fromEntries(
            Object.entries(c['paths'] as object).map(([path, item]) => [`/v1${path}`, item]),
          ),
        });
      }),
      'docs/api-reference.md': (text) => text,
    },
    [],
  ],
  [
    '[PB-4.04] audit named one by one',
    manifest((m) => put(m['api']?.['provides']?.[0], { audit: { operations: ['registerParcel'] } })),
    [],
  ],
  [
    '[PB-4.03] no content after a 204',
    contract((c) => put(c['paths']?.['/parcels']?.['post']?.['responses'], { 204: { description: 'd' } })),
    [],
  ],
  [
    '[PB-6.02] a fallback for a part of a workflow',
    manifest((m) => put(m['fallback']?.[0], { for: 'workflow:register-parcel/do/register' })),
    [],
  ],
  ['[PB-7.01] a permission that ends in exactly twelve months', permission({ expires: '2027-11-23' }), []],
  ['[PB-7.01] a tier that is entitled', {}, [], registry({ tiers: ['silver'] })],
  [
    '[PB-7.01] a tier that the platform granted and the manifest does not speak of',
    manifest((m) => put(m['metadata'], { tier: undefined })),
    [],
    registry({ tiers: ['silver'] }),
  ],
  ['[PB-7.06] data over events', manifest((m) => put(m['dataAccess']?.[0], { via: 'event' })), []],
  [
    '[PB-7.06] words about databases',
    contract((c) => put(c['info'], { description: 'Not for postgres://x' })),
    [],
  ],
  [
    '[PB-7.06] a port of the web',
    manifest((m) => put(m['network'], { egress: ['api.acme.example:8443'] })),
    [],
  ],
  [
    '[PB-7.07] a public address',
    contract((c) => put(c['servers']?.[0], { url: 'https://93.184.216.34/v1' })),
    [],
  ],
  [
    '[PB-2.4] a switch with a default',
    workflow((w) =>
      push(w['do'], {
        choose: { switch: [{ one: goesOn('end', { when: '${ .a }' }) }, { rest: goesOn('end') }] },
      }),
    ),
    [],
  ],
  [
    '[PB-2.4] retried three times, with a key that stays the same',
    workflow((w) => {
      const register = w['do']?.[0]?.['register'];
      put(register?.['catch'], { retry: { limit: { attempt: { count: 3 } } } });
      put(register?.['try']?.[0]?.['send']?.['with'], { headers: { 'Idempotency-Key': '${ .order.id }' } });
    }),
    [],
  ],
  [
    '[PB-2.4] a loop with a wait and a way out',
    workflow((w) => {
      push(
        w['do'],
        { pause: { wait: 'PT1S' } } as object,
        {
          choose: { switch: [{ again: goesOn('register', { when: '${ .a }' }) }, { done: goesOn('end') }] },
        } as object,
      );
    }),
    [],
  ],
  [
    '[PB-4.06] a handler’s task with places in lists',
    manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { task: '/do/0/register/try/0/send' })),
    [],
  ],
  [
    '[PB-8.01] the contract as reference',
    manifest((m) => put(m['docs'], { apiReference: 'api/parcels.yaml' })),
    [],
  ],
  [
    '[PB-8.07] [PB-8.08] tutorials and guides',
    {
      ...manifest((m) => put(m['docs'], { tutorials: 'docs/t.md', onboarding: 'docs/t.md' })),
      'docs/t.md': '# T',
    },
    [],
  ],
];

describe('the catalogue on the minimal submission', () => {
  it('[PB-2.4] passes everything that is built, and says what is not', async () => {
    const verdict = await judge();
    expect(said(verdict)).toEqual([]);
    expect(verdict.results.map(({ check }) => check)).toEqual(CATALOGUE.map(({ id }) => id));
    expect(
      verdict.results
        .filter(({ outcome }) => outcome !== 'passed')
        .map(({ check, outcome }) => [check, outcome]),
    ).toEqual([['vulnerability-scan', 'inconclusive']]);
    expect(verdict.outcome).toBe('inconclusive');
  });

  it.each(SILENT)('stays silent: %s', async (...[, edits, expected, more]: Row) =>
    expect([...said(await judge(edits, more))].sort()).toEqual([...expected].sort()),
  );

  it('gives every finding a line, a remedy, a reason and a fingerprint', async () => {
    const verdict = await judge({ ...permission({ actions: ['*'] }), 'docs/governance.md': null });
    for (const finding of verdict.results.flatMap(({ findings }) => findings)) {
      expect(finding).toMatchObject({
        message: expect.stringMatching(/\S/),
        why: expect.stringMatching(/\S/),
        remedy: expect.stringMatching(/\S/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(finding.line).toBeGreaterThan(0);
    }
  });

  it('keeps fingerprints when unrelated lines move', async () => {
    const one = findingsOf(await judge({}, registry({ status: 'proposed' })), 'PM205');
    const other = findingsOf(
      await judge({ 'kwanus.yaml': (text) => `# a comment\n\n${text}` }, registry({ status: 'proposed' })),
      'PM205',
    );
    expect(other[0]?.fingerprint).toBe(one[0]?.fingerprint);
    expect(other[0]?.line).toBe((one[0]?.line ?? 0) + 2);
  });

  it('gives the same bytes for the same inputs, however many checks run at once', async () => {
    const { runChecks } = await import('./index.js');
    const bytes = await Promise.all(
      [1, 2, 16].map(async (concurrency) =>
        Buffer.from(verdictBytes(await runChecks(await edited(), context(), { concurrency }))).toString(),
      ),
    );
    expect(new Set(bytes).size).toBe(1);
  });

  it('holds no fixes in a verdict, whose bytes are the same with and without', async () => {
    const { runChecks } = await import('./index.js');
    const broken = await edited(permission({ expires: undefined }));
    const [plain, fixable] = [
      await runChecks(broken, context()),
      await runChecks(broken, context(), { fixes: true }),
    ];
    expect(findingsOf(fixable, 'PM208')[0]?.fix).toMatchObject({ file: 'kwanus.yaml' });
    expect(findingsOf(plain, 'PM208')[0]).not.toHaveProperty('fix');
    expect(Buffer.from(verdictBytes(fixable)).equals(verdictBytes(plain))).toBe(true);
  });

  it('stops when it is cancelled', async () => {
    const { runChecks, RunCancelled } = await import('./index.js');
    const controller = new AbortController();
    const run = runChecks(await edited(), context({ signal: controller.signal }), {
      onResult: () => controller.abort(),
    });
    await expect(run).rejects.toThrow(RunCancelled);
  });

  it('answers nothing about a manifest that can’t be read', async () => {
    const verdict = await judge({ 'kwanus.yaml': 'a: [' });
    expect(verdict.outcome).toBe('failed');
    expect(new Set(verdict.results.slice(1).map(({ outcome }) => outcome))).toEqual(
      new Set(['inconclusive']),
    );
  });
});
