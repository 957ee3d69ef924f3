import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import {
  type DisuseCommand,
  type DisuseEvent,
  disuse,
  nextReview,
  type ReviewUse,
} from './disuse.decider.js';
import { heldPermissions, liveRollout } from './held-permissions.js';
import { WATCHED } from './telemetry.fixtures.js';
import { type WatchEvent, watch } from './watch.decider.js';

const DAY_MS = 86_400_000;
const day = (n: number): string => new Date(Date.UTC(2027, 0, 1) + n * DAY_MS).toISOString();
const of = { integrationId: 'acme.orders', release: '1.0.0' };
const review = (at: number, more: Partial<ReviewUse> = {}): ReviewUse => ({
  type: 'ReviewUse',
  ...of,
  at: day(at),
  held: [{ permission: 'orders:write', since: day(0) }],
  heardUntil: day(at),
  lastUsed: new Map(),
  namesLostAt: null,
  afterMs: 90 * DAY_MS,
  ...more,
});
const used = (at: number): Partial<ReviewUse> => ({ lastUsed: new Map([['orders:write', day(at)]]) });
const settle = (at: number): DisuseCommand => ({
  type: 'SettleDisuse',
  ...of,
  permission: 'orders:write',
  decision: 'rejected',
  at: day(at),
});
const told = (...commands: readonly DisuseCommand[]): readonly DisuseEvent[] =>
  commands.reduce<readonly DisuseEvent[]>(
    (events, command) => [...events, ...disuse.decide(command, fold(disuse, events), undefined)],
    [],
  );
const types = (...commands: readonly DisuseCommand[]) => told(...commands).map(({ type }) => type);

describe('permissions that nobody uses (PM210)', () => {
  it('[PB-10.02] are told of after 90 days, to the millisecond, with what was looked at, and once', () => {
    expect(told(review(90), review(90), review(120))).toEqual([
      {
        type: 'PermissionUnused',
        ...of,
        permission: 'orders:write',
        grantedAt: day(0),
        lastUsedAt: null,
        window: { from: day(0), to: day(90) },
      },
    ]);
    expect(told(review(90 - 1 / DAY_MS))).toEqual([]);
  });

  it('[PB-10.02] count from the last use', () => {
    expect(types(review(120, used(40)))).toEqual([]);
    expect(told(review(130, used(40)))).toMatchObject([{ lastUsedAt: day(40) }]);
  });

  it('[PB-10.02] are not told of by silence: evidence ends with what was heard', () => {
    expect(types(review(200, { heardUntil: null }))).toEqual([]);
    expect(types(review(200, { heardUntil: day(89) }))).toEqual([]);
    expect(told(review(200, { heardUntil: day(100) }))).toMatchObject([
      { window: { from: day(10), to: day(100) } },
    ]);
    expect(told(review(100, { heardUntil: day(130) }))).toMatchObject([{ window: { to: day(100) } }]);
  });

  it('are not told of while names of permissions were lost to a cap', () => {
    expect(types(review(100, { namesLostAt: day(11) }))).toEqual([]);
    expect(types(review(100, { namesLostAt: day(10) }))).toEqual(['PermissionUnused']);
  });

  it('are used again when late telemetry says so, and counted from there', () => {
    expect(types(review(90), review(91, used(30)), review(91, used(30)))).toEqual([
      'PermissionUnused',
      'PermissionUsedAgain',
    ]);
    expect(types(review(90), review(91, used(0)))).toEqual(['PermissionUnused']);
    expect(types(review(90), review(180, used(91)))).toEqual(['PermissionUnused', 'PermissionUsedAgain']);
  });

  it('[PB-7.01] are told of again 90 days after they were kept, or were not decided on', () => {
    expect(types(review(90), settle(95), review(184), review(185))).toEqual([
      'PermissionUnused',
      'DisuseSettled',
      'PermissionUnused',
    ]);
    expect(types(review(90), settle(95), settle(95), settle(94))).toHaveLength(2);
    expect(types(review(90), review(179), review(180))).toHaveLength(2);
  });

  it('are looked at when the first can be ripe, tomorrow while something is open or not heard of, and never where nothing is held', () => {
    const next = (command: ReviewUse, ...before: readonly DisuseCommand[]) =>
      nextReview(command, fold(disuse, told(...before)), DAY_MS);
    expect(next(review(1))).toBe(day(90));
    expect(next(review(50, used(40)))).toBe(day(130));
    expect(next(review(95, { heardUntil: null }))).toBe(day(96));
    expect(next(review(90), review(90))).toBe(day(91));
    expect(next(review(1, { held: [] }))).toBeNull();
  });
});

describe('what a live release holds', () => {
  const ofRelease = (release: string) => ({
    integrationId: 'acme.orders',
    release,
    rolloutId: `r-${release}`,
  });
  const watched = (release: string, previous: string | null, ...ids: readonly string[]): WatchEvent => ({
    type: 'ReleaseWatched',
    ...ofRelease(release),
    previous,
    watched: { ...WATCHED, permissions: ids.map((id) => ({ id, actions: ['read'] })) },
    accountable: { contact: 'person:1', sponsor: 'person:2' },
  });
  const began = (release: string, at: number): WatchEvent => ({
    type: 'ExposureStarted',
    ...ofRelease(release),
    at: day(at),
  });
  const over = (release: string, outcome: 'completed' | 'rolled-back'): WatchEvent => ({
    type: 'ExposureEnded',
    ...ofRelease(release),
    outcome,
  });
  const ended = (cause: 'withdrawn' | 'suspended' | 'retired', release: string | null): WatchEvent => ({
    type: 'ReleaseEnded',
    integrationId: 'acme.orders',
    release,
    cause,
  });
  const FIRST = [watched('1.0.0', null, 'a:read', 'b:read'), began('1.0.0', 0), over('1.0.0', 'completed')];
  const SECOND = [watched('1.1.0', '1.0.0', 'a:read', 'c:read'), began('1.1.0', 50)];
  const held = (release: string, ...facts: readonly WatchEvent[]) =>
    heldPermissions(fold(watch, facts), release).map(({ permission, since }) => [permission, since]);

  it('[PB-10.02] is as old as the integration has held it without a break', () => {
    expect(held('1.1.0', ...FIRST, ...SECOND)).toEqual([
      ['a:read', day(0)],
      ['c:read', day(50)],
    ]);
    const third = [watched('1.2.0', '1.1.0', 'b:read'), began('1.2.0', 70)];
    expect(held('1.2.0', ...FIRST, ...SECOND, ...third)).toEqual([['b:read', day(70)]]);
  });

  it('is nothing before the release is met, and when it is rolled back, replaced, withdrawn or retired', () => {
    expect(held('1.1.0', ...FIRST, watched('1.1.0', '1.0.0', 'a:read'))).toEqual([]);
    expect(held('1.1.0', ...FIRST, ...SECOND, over('1.1.0', 'rolled-back'))).toEqual([]);
    expect(held('1.0.0', ...FIRST, ...SECOND, over('1.1.0', 'completed'))).toEqual([]);
    expect(held('1.0.0', ...FIRST, ...SECOND)).toHaveLength(2);
    expect(held('1.1.0', ...FIRST, ...SECOND, ended('withdrawn', '1.1.0'))).toEqual([]);
    expect(held('1.1.0', ...FIRST, ...SECOND, ended('retired', null))).toEqual([]);
    expect(held('1.1.0', ...FIRST, ...SECOND, ended('suspended', null))).toHaveLength(2);
  });

  it('[PB-7.01] is less what was taken away, in whichever order it is told', () => {
    const taken: WatchEvent = {
      type: 'GrantRevoked',
      integrationId: 'acme.orders',
      releases: ['1.1.0'],
      permission: 'c:read',
    };
    const left = [['a:read', day(0)]];
    expect(held('1.1.0', ...FIRST, ...SECOND, taken)).toEqual(left);
    expect(held('1.1.0', ...FIRST, taken, ...SECOND)).toEqual(left);
    const state = fold(watch, [...FIRST, ...SECOND, taken]);
    expect(watch.decide({ type: 'RecordFact', fact: taken }, state, undefined)).toEqual([]);
  });

  it('is held anew by a release that was withdrawn and rolled out again', () => {
    const again: WatchEvent = {
      ...(began('1.0.0', 60) as Extract<WatchEvent, { at: string }>),
      rolloutId: 'r-2',
    };
    const state = fold(watch, [...FIRST, ended('withdrawn', '1.0.0'), again]);
    expect(liveRollout(state, '1.0.0')?.rolloutId).toBe('r-2');
  });
});
