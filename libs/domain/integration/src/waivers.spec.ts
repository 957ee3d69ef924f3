import { describe, expect, it } from '@jest/globals';
import { CONTEXT, PLAYBOOK } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';
import { type CheckVerdict, isWaived, type WaiverTarget } from './index.js';

const FOUND = { ruleId: 'CD1', fingerprint: 'f1', message: 'gone', file: 'a', pointer: '/' };
const verdict = (changes: Partial<CheckVerdict> = {}): CheckVerdict => ({
  check: 'contract-diff',
  kind: 'compatibility',
  outcome: 'failed',
  summary: 'two changes break',
  blocking: [FOUND],
  warnings: 0,
  ...changes,
});
const waived = (
  target: WaiverTarget,
  of: CheckVerdict,
  changes: { readonly by?: string; readonly expiresAt?: string; readonly expired?: boolean } = {},
): boolean => {
  const release = {
    ...new ReleaseLife().until(1).shown(),
    waivers: [
      {
        waiverId: 'w',
        body: 'TSC',
        target,
        reason: 'known',
        by: 'tara',
        expiresAt: '2027-01-01T00:00:00Z',
        expired: false,
        digest: '',
        ...changes,
      },
    ],
  };
  return isWaived(release, of, PLAYBOOK, CONTEXT.asOf);
};
const finding = { kind: 'finding', check: 'contract-diff', ruleId: 'CD1', fingerprint: 'f1' } as const;
const whole = { kind: 'check', check: 'contract-diff' } as const;

describe('a waiver accepts', () => {
  it('the very finding that it names, or a check that could not be performed', () => {
    expect(waived(finding, verdict())).toBe(true);
    expect(waived(whole, verdict({ outcome: 'inconclusive', blocking: [] }))).toBe(true);
    expect(waived(whole, verdict({ outcome: 'not-performed', blocking: [] }))).toBe(true);
  });

  it.each<[string, WaiverTarget, CheckVerdict]>([
    ['a check, which has failed since', whole, verdict()],
    ['a check, which failed without a finding', whole, verdict({ blocking: [] })],
    ['a check, which has a finding besides', whole, verdict({ outcome: 'inconclusive' })],
    ['another rule’s', { ...finding, ruleId: 'CD2' }, verdict()],
    ['another check’s', { ...finding, check: 'semantic-version' }, verdict()],
    ['another fingerprint’s', { ...finding, fingerprint: 'f2' }, verdict()],
    ['one finding of two', finding, verdict({ blocking: [FOUND, { ...FOUND, fingerprint: 'f2' }] })],
    [
      'one finding, of a check that was not performed',
      finding,
      verdict({ outcome: 'not-performed', blocking: [] }),
    ],
    ['a rollout type', { kind: 'rollout-type', rollout: 'full' }, verdict()],
    [
      'a check that nobody may waive',
      { kind: 'check', check: 'manifest' },
      verdict({ check: 'manifest', blocking: [] }),
    ],
    [
      'a check in which a forbidden thing was found',
      whole,
      verdict({ blocking: [{ ...FOUND, ruleId: 'FB302' }] }),
    ],
  ])('not where it is %s', (_, target, of) => {
    expect(waived(target, of)).toBe(false);
  });

  it.each([
    ['it has run out', { expiresAt: '2026-11-23T10:00:00Z' }],
    ['it has run out by a fraction of a second', { expiresAt: '2026-11-23T09:59:59.999999Z' }],
    ['it was found to have run out', { expired: true }],
    ['somebody granted it who proposed the release', { by: 'ada' }],
  ])('nothing when %s', (_, changes) => {
    expect(waived(whole, verdict(), changes)).toBe(false);
  });
});
