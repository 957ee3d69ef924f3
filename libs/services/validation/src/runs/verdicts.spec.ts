import { expect, it } from '@jest/globals';
import type { ValidationRun } from '@kwanus/domain-validation';
import { abandoned } from './verdicts.js';

it('a run that was given up lets nothing pass, not even what it had finished, and forgets no failure', () => {
  const done = (check: string, outcome: string) => ({ check, kind: 'security', outcome, summary: 'fine' });
  const run = {
    pins: { checks: ['manifest', 'sandbox-integrity', 'fallback'], ruleset: '1', registryVersion: 3 },
    checks: [done('manifest', 'passed'), done('fallback', 'failed')],
  } as unknown as ValidationRun;
  const verdict = abandoned(run, new Error('no database'));
  expect(verdict.outcome).toBe('inconclusive');
  expect(verdict.checks).toMatchObject([
    { check: 'manifest', outcome: 'inconclusive', summary: expect.stringContaining('no database') },
    { check: 'sandbox-integrity', outcome: 'inconclusive' },
    { check: 'fallback', outcome: 'failed' },
  ]);
});
