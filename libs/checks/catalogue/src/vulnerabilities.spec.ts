import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CheckContext, CheckResult } from '@kwanus/checks-kit';
import { scanBills } from '@kwanus/checks-vulnerabilities';
import {
  affects,
  component,
  cycloneDx,
  openVex,
  record,
  TestDatabase,
} from '@kwanus/checks-vulnerabilities/testing';
import { runChecks, type Verdict } from './index.js';
import { context, type Edits, edited, findingsOf, manifest, put } from './testing/edited-submission.js';

const database = new TestDatabase();
beforeAll(() => {
  database.put(
    'npm',
    record('KW-1', { affected: [affects('npm', 'left', [{ introduced: '0' }, { fixed: '1.2.3' }])] }),
  );
});
afterAll(() => database.remove());

const WITH_DATABASE: Partial<CheckContext> = {
  vulnerabilities: {
    scan: (request) => scanBills(request, { directory: database.directory, maxAgeDays: 14 }),
  },
};
const bomOf = (...purls: readonly string[]): Uint8Array =>
  cycloneDx(purls.map((purl) => component(purl))).bytes;
const named = (more: object = {}): Edits =>
  manifest((m) => put(m, { sbom: [{ path: 'sbom.json', format: 'cyclonedx', ...more }] }));

const judged = async (edits: Edits, more: Partial<CheckContext> = WITH_DATABASE): Promise<Verdict> =>
  runChecks(await edited(edits), context(more), { checks: ['vulnerability-scan'] });
const resultOf = async (edits: Edits, more?: Partial<CheckContext>): Promise<CheckResult | undefined> =>
  (await judged(edits, more)).results[0];

describe('the vulnerability scan', () => {
  it('[PB-7.03] VU703 blocks a component with a known vulnerability, at its line, with the version to take', async () => {
    const verdict = await judged({ ...named(), 'sbom.json': bomOf('npm/right@1.0.0', 'npm/left@1.2.2') });
    expect(verdict.outcome).toBe('failed');
    expect(findingsOf(verdict, 'VU703')).toEqual([
      expect.objectContaining({
        severity: 'blocks',
        file: 'sbom.json',
        pointer: '/components/1',
        line: 10,
        message: 'pkg:npm/left@1.2.2 has KW-1: Invented for the tests: KW-1.',
        remedy: 'Update to 1.2.3 or later.',
      }),
    ]);
  });

  it('[PB-7.03] is silent at the version that fixes it, and cites the database', async () => {
    const verdict = await judged({ ...named(), 'sbom.json': bomOf('npm/left@1.2.3') });
    expect(verdict.results).toMatchObject([
      {
        outcome: 'passed',
        findings: [],
        summary: expect.stringMatching(
          /^1 components hold no known vulnerability: 1 records of npm until 2026-11-20, sha256 [0-9a-f]{12}…\.$/,
        ),
        facts: { databases: [{ ecosystem: 'npm', digest: verdict.inputs['osv:npm'] }] },
      },
    ]);
    expect(verdict.inputs['osv:npm']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('[PB-7.03] keeps the fingerprint of a finding when the bill grows before it', async () => {
    const fingerprint = async (...purls: readonly string[]) =>
      findingsOf(await judged({ ...named(), 'sbom.json': bomOf(...purls) }), 'VU703')[0]?.fingerprint;
    expect(await fingerprint('npm/other@1.0.0', 'npm/left@1.0.0')).toBe(await fingerprint('npm/left@1.0.0'));
    expect(await fingerprint('npm/left@1.0.1')).not.toBe(await fingerprint('npm/left@1.0.0'));
  });

  it('[PB-7.03] VU704 lists what a statement lets pass, and passes', async () => {
    const statement = {
      vulnerability: { name: 'KW-1' },
      products: [{ '@id': 'pkg:npm/left@1.0.0' }],
      status: 'not_affected',
      justification: 'component_not_present',
    };
    const vex = JSON.stringify(openVex(statement, { ...statement, justification: '' }));
    const edits = { ...named({ vex: 'vex.json' }), 'sbom.json': bomOf('npm/left@1.0.0'), 'vex.json': vex };
    expect(await resultOf(edits)).toMatchObject({
      outcome: 'passed',
      findings: [{ ruleId: 'VU704', severity: 'informs', file: 'vex.json', pointer: '/statements/0' }],
      summary: expect.stringContaining('but 1 that statements let pass'),
    });
  });

  it('[PB-7.03] VU705 warns of a statement that gives no reason, and VU703 stands', async () => {
    const vex = JSON.stringify(
      openVex({ vulnerability: 'KW-1', products: [{ '@id': 'pkg:npm/left' }], status: 'not_affected' }),
    );
    const edits = { ...named({ vex: 'vex.json' }), 'sbom.json': bomOf('npm/left@1.0.0'), 'vex.json': vex };
    expect((await resultOf(edits))?.findings.map(({ ruleId, severity }) => `${severity} ${ruleId}`)).toEqual([
      'blocks VU703',
      'warns VU705',
    ]);
  });

  it('[PB-7.03] VU702 warns of what can’t be looked up, and nothing is passed over', async () => {
    const sbom = JSON.stringify({
      bomFormat: 'CycloneDX',
      components: [{ type: 'library', name: 'nameless' }],
    });
    expect(await resultOf({ ...named(), 'sbom.json': sbom })).toMatchObject({
      outcome: 'inconclusive',
      findings: [{ ruleId: 'VU702', severity: 'warns', line: 1 }],
      summary: '1 components can’t be identified, so nothing is known about them (VU702).',
    });
  });

  it.each<readonly [string, Edits]>([
    ['a bill that is not there', named()],
    ['a bill of another kind', { ...named({ format: 'spdx' }), 'sbom.json': bomOf() }],
    ['a bill that is not JSON', { ...named(), 'sbom.json': '<bom/>' }],
    ['statements that are not there', { ...named({ vex: 'vex.json' }), 'sbom.json': bomOf() }],
    [
      'code without a bill',
      manifest((m) => put(m, { extensions: [{ id: 'panel', kind: 'ui', entry: 'docs/workflow.md' }] })),
    ],
  ])('[PB-7.03] VU701 blocks %s', async (_, edits) => {
    const { outcome, findings } = (await resultOf(edits)) ?? { findings: [] };
    expect([outcome, findings.map(({ ruleId }) => ruleId)]).toEqual(['failed', ['VU701']]);
  });

  it('[PB-7.03] is inconclusive without a database, with an old one, and without a bill: none of them passes', async () => {
    const edits = { ...named(), 'sbom.json': bomOf('npm/left@1.2.3') };
    expect(await resultOf(edits, {})).toMatchObject({
      outcome: 'inconclusive',
      summary: 'No vulnerability database is at hand (OSV_DB_DIR), so nothing was compared with it.',
    });
    expect(await resultOf(edits, { ...WITH_DATABASE, asOf: '2027-01-01T00:00:00Z' })).toMatchObject({
      outcome: 'inconclusive',
      summary: 'What the database says of npm ends on 2026-11-20, more than 14 days before.',
    });
    expect(await resultOf({})).toMatchObject({ outcome: 'inconclusive', findings: [] });
  });
});
