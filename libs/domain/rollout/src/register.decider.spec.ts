import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { type RegisterEvent, refusalByRegister, releases } from './register.decider.js';
import type { RolloutRequest } from './rollout.events.js';
import { at, request } from './rollout.fixtures.js';

const open = (
  rest: Partial<RolloutRequest> = {},
  before: readonly RegisterEvent[] = [],
): readonly RegisterEvent[] =>
  releases.decide({ type: 'OpenRollout', request: request(rest), at: at(0) }, fold(releases, before), {});
const note = (
  kind: Extract<RegisterEvent, { type: 'LifecycleNoted' }>['kind'],
  release: string | null = null,
) =>
  ({
    type: 'LifecycleNoted',
    integrationId: 'acme.orders',
    release,
    kind,
    reason: 'because',
    at: at(1),
  }) as const;
const refused = (events: readonly RegisterEvent[], rest: Partial<RolloutRequest> = {}): string | undefined =>
  refusalByRegister(fold(releases, events), request(rest))?.code;

describe('The register of releases', () => {
  it('[PB-9.04] records a release once, with its digests and who answers for it', () => {
    const [recorded, opened] = open();
    expect(recorded).toMatchObject({
      type: 'ReleaseRecorded',
      release: '2.0.0',
      record: request().record,
      accountable: { contact: 'contact', sponsor: 'sponsor' },
    });
    expect(opened).toMatchObject({ type: 'RolloutOpened', rolloutId: 'ro-1' });
    expect(open({ rolloutId: 'ro-2' }, open()).map(({ type }) => type)).toEqual(['RolloutOpened']);
    expect(open({}, open())).toEqual([]);
  });

  it('[PB-9.04] refuses the same version with other, more or fewer digests', () => {
    const contract = 'e'.repeat(64);
    expect(refused(open(), { record: { ...request().record, contract } })).toBe('release-changed');
    expect(refused(open(), { record: { ...request().record, guide: contract } })).toBe('release-changed');
    expect(refused(open(), { record: { contract: request().record['contract'] ?? '' } })).toBe(
      'release-changed',
    );
    expect(refused(open(), { rolloutId: 'ro-2' })).toBeUndefined();
    expect(refused([], { record: {} })).toBe('record-empty');
  });

  it('[PB-9.04] refuses a version that does not come after the one that it replaces', () => {
    expect(refused([], { release: '1.0.0', previous: '1.0.0' })).toBe('version-not-newer');
    expect(refused([], { release: '2.0.0-rc.1', previous: '2.0.0' })).toBe('version-not-newer');
    expect(refused([], { release: '1.10.0', previous: '1.9.0' })).toBeUndefined();
    expect(refused([], { previous: null })).toBeUndefined();
  });

  it('[PB-1.1] refuses what is suspended or retired, until it is reinstated', () => {
    expect(refused([note('integration-suspended')])).toBe('integration-suspended');
    expect(refused([note('integration-suspended'), note('integration-reinstated')])).toBeUndefined();
    expect(refused([note('integration-retired')])).toBe('integration-retired');
  });

  it('knows the rollout opened last, and forgets a withdrawal when the release is asked for again', () => {
    const state = fold(releases, [...open(), note('release-withdrawn', '2.0.0')]);
    expect(state).toMatchObject({ current: { rolloutId: 'ro-1', release: '2.0.0' }, withdrawn: ['2.0.0'] });
    const again = fold(releases, [
      ...open(),
      note('release-withdrawn', '2.0.0'),
      ...open({ rolloutId: 'ro-2' }),
    ]);
    expect(again.withdrawn).toEqual([]);
  });
});
