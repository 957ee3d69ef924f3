import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { type AlertCommand, type AlertEvent, alert } from './alert.decider.js';
import { type GateVerdict, gate } from './gate.decider.js';
import { RULES, WATCHED } from './telemetry.fixtures.js';
import { liveRollouts, type WatchEvent, watch } from './watch.decider.js';
import { objectiveOf } from './watched.js';

const release = { integrationId: 'acme.orders', release: '1.3.0' };

describe('An alert', () => {
  const raise: AlertCommand = {
    type: 'RaiseAlert',
    ...release,
    alertId: 'a-1',
    severity: 'page',
    signal: 'api-errors',
    reason: 'burns',
    numbers: { long: 20 },
  };
  const acknowledge: AlertCommand = { type: 'AcknowledgeAlert', reason: 'looking into it' };
  const resolve: AlertCommand = { type: 'ResolveAlert', reason: 'no burn rule fires any more' };
  const after = (...commands: readonly AlertCommand[]): readonly AlertEvent[] =>
    commands.reduce<readonly AlertEvent[]>(
      (events, command) => [...events, ...alert.decide(command, fold(alert, events), undefined)],
      [],
    );
  const types = (...commands: readonly AlertCommand[]) => after(...commands).map(({ type }) => type);

  it('[PB-10.07] is raised once, acknowledged once and resolved once', () => {
    expect(types(raise, raise, acknowledge, acknowledge, raise, resolve, resolve)).toEqual([
      'AlertRaised',
      'AlertAcknowledged',
      'AlertResolved',
    ]);
  });

  it('[PB-10.07] can be raised again after it was resolved', () => {
    expect(types(raise, resolve, raise)).toEqual(['AlertRaised', 'AlertResolved', 'AlertRaised']);
  });

  it('cannot be acknowledged unless it is open', () => {
    const refused = expect.objectContaining({ code: 'alert-not-open' });
    expect(() => types(acknowledge)).toThrow(refused);
    expect(() => types(raise, resolve, acknowledge)).toThrow(refused);
  });

  it('that was never raised has nothing to resolve', () => {
    expect(types(resolve)).toEqual([]);
    const stray: AlertEvent = { type: 'AlertResolved', ...release, alertId: 'a-1', reason: '' };
    expect(fold(alert, [stray, { ...stray, type: 'AlertAcknowledged' }])).toEqual({ status: 'never' });
  });
});

describe('The gate of a rollout', () => {
  const verdict = (from: string, to: string, silentWindows = 0): GateVerdict => ({
    type: 'GateVerdict',
    ...release,
    rolloutId: 'r-1',
    window: { from: `2026-11-23T10:${from}:00Z`, to: `2026-11-23T10:${to}:00Z` },
    signals: [],
    permissions: { used: 0, denied: 0, outOfScope: 0, bypassed: 0, neverUsed: [], judged: true },
    silentWindows,
    verdict: silentWindows > 0 ? 'inconclusive' : 'pass',
    reasons: [],
  });
  const record = (from: string, to: string) => ({
    type: 'RecordVerdict' as const,
    verdict: verdict(from, to),
  });
  const silence = (from: string, to: string) => ({
    type: 'ReportSilence' as const,
    verdict: verdict(from, to, 3),
  });
  const after = (...commands: readonly (ReturnType<typeof record> | ReturnType<typeof silence>)[]) =>
    commands
      .reduce<readonly GateVerdict[]>(
        (events, command) => [...events, ...gate.decide(command, fold(gate, events), undefined)],
        [],
      )
      .map(({ window, silentWindows }) => `${window.to.slice(14, 16)}${silentWindows > 0 ? ' silent' : ''}`);

  it('[PB-2.6] judges each window once, in order', () => {
    expect(after(record('00', '01'), record('00', '01'), record('02', '03'), record('01', '02'))).toEqual([
      '01',
      '03',
    ]);
  });

  it('[PB-2.6] reports silence once, until there is telemetry again', () => {
    expect(
      after(
        record('00', '01'),
        silence('01', '04'),
        silence('01', '05'),
        record('02', '03'),
        silence('03', '06'),
      ),
    ).toEqual(['01', '04 silent', '03', '06 silent']);
  });

  it('reports no silence that telemetry has refuted', () => {
    expect(after(record('04', '05'), silence('01', '04'))).toEqual(['05']);
  });
});

describe('What is watched', () => {
  const rollout = { ...release, rolloutId: 'r-1' };
  const requested: WatchEvent = {
    type: 'ReleaseWatched',
    ...rollout,
    previous: '1.2.0',
    watched: WATCHED,
    accountable: { contact: 'person:1', sponsor: 'person:2' },
  };
  const started: WatchEvent = { type: 'ExposureStarted', ...rollout, at: '2026-11-23T10:00:00Z' };
  const ended: WatchEvent = { type: 'ExposureEnded', ...rollout, outcome: 'completed' };
  const gone: WatchEvent = { type: 'ReleaseEnded', ...release, cause: 'withdrawn' };
  const after = (...facts: readonly WatchEvent[]) =>
    facts.reduce<readonly WatchEvent[]>(
      (events, fact) => [
        ...events,
        ...watch.decide({ type: 'RecordFact', fact }, fold(watch, events), undefined),
      ],
      [],
    );

  it('a rollout that is complete can still be rolled back, and then stays so', () => {
    const back: WatchEvent = { type: 'ExposureEnded', ...rollout, outcome: 'rolled-back' };
    expect(after(requested, started, ended, back, ended, back)).toEqual([requested, started, ended, back]);
    expect([...fold(watch, after(requested, started, ended, back)).rollouts.values()]).toMatchObject([
      { ended: 'rolled-back' },
    ]);
  });

  it('[PB-1.2] knows of each release who is accountable, at the partner and at the platform', () => {
    expect(fold(watch, after(requested)).releases.get('1.3.0')?.accountable).toEqual({
      contact: 'person:1',
      sponsor: 'person:2',
    });
  });

  it('has a rollout live from its first exposure to its end, whatever order the facts come in', () => {
    const live = (...facts: readonly WatchEvent[]) =>
      liveRollouts(fold(watch, after(...facts))).map(({ rolloutId, previous }) => [rolloutId, previous]);
    expect(live(requested)).toEqual([]);
    expect(live(requested, started)).toEqual([['r-1', '1.2.0']]);
    expect(live(started)).toEqual([['r-1', null]]);
    expect(live(started, requested)).toEqual([['r-1', '1.2.0']]);
    expect(live(requested, started, ended)).toEqual([]);
    expect(live(ended, started, requested)).toEqual([]);
  });

  it('records a fact once', () => {
    expect(after(requested, requested, started, started, ended, ended, gone)).toEqual([
      requested,
      started,
      ended,
      gone,
    ]);
  });

  it('holds a release against the playbook, or its own promise where that is stricter', () => {
    const stricter = [{ signal: 'api-errors', objective: 0.9999, period: 'P7D' }];
    expect(objectiveOf('api-errors', stricter, RULES)).toMatchObject({ objective: 0.9999, period: 'P7D' });
    const laxer = [{ signal: 'api-errors', objective: 0.05, period: 'P7D' }];
    expect(objectiveOf('api-errors', laxer, RULES)).toEqual({ objective: 0.999, period: 'P30D' });
    expect(objectiveOf('api-errors', [], RULES)).toEqual({ objective: 0.999, period: 'P30D' });
    expect(objectiveOf('api-errors', [], { signals: [] })).toEqual({ objective: 0.999, period: 'P30D' });
  });
});
