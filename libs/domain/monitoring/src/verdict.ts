import type { BurnRule, MonitoringRule } from '@kwanus/domain-playbook';
import { type Burn, evaluateBurn, type Spans } from './burn.js';
import { milliseconds } from './duration.js';
import type { CountedSignal, Counts } from './signals.js';
import { isProbing, type PermissionUsage } from './usage.js';
import { objectiveOf, type Watched } from './watched.js';

/** Counts of one signal for both arms, gathered from sealed windows. */
export interface SignalSeries {
  readonly signal: CountedSignal;
  readonly of: string | null;
  /** Since the rollout began. */
  readonly canary: Counts;
  readonly stable: Counts;
  /** The window alone. */
  readonly canaryWindow: Counts;
  readonly stableWindow: Counts;
  /** The canary's recent past, for the burn rules. */
  readonly spans: Spans;
}

/** Everything that a verdict is made from. */
export interface GateEvidence {
  readonly series: readonly SignalSeries[];
  /** Of the canary, since the rollout began. */
  readonly permissions: PermissionUsage;
  /** Windows in a row without any telemetry of the canary; 0 when this one has some. */
  readonly silentWindows: number;
}

/** What a signal came to, with the burn rules held against it. */
export interface JudgedSignal extends Omit<SignalSeries, 'spans'> {
  readonly objective: number;
  readonly burn: readonly Burn[];
}

/** Monitoring's answer to "may it go on?"; rollout decides. */
export interface Judgement {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** Every reason there is, failures first, in words a person understands. */
  readonly reasons: readonly string[];
  readonly signals: readonly JudgedSignal[];
}

/**
 * Judges a canary. Fails on: the quickest page rule firing with at least `minFailures` failures; a permission used without a
 * grant; so many permissions tried out of scope within a while that the playbook calls it probing. Inconclusive, never a pass: silence, anything
 * watched that was never heard of, calls that have stopped, grants unknown, a slower page rule firing, an objective so low that no page rule can fire
 * though it is being missed. Pure: the same evidence gives the same verdict.
 */
export function judgeGate(evidence: GateEvidence, watched: Watched, rules: MonitoringRule): Judgement {
  const quick = quickest(rules.burn);
  const signals = evidence.series.map(
    ({ spans, ...series }): JudgedSignal => ({
      ...series,
      objective: objectiveOf(series.signal, watched.slos, rules).objective,
      burn: rules.burn.map((rule) =>
        evaluateBurn(rule, objectiveOf(series.signal, watched.slos, rules), spans, rules.minFailures),
      ),
    }),
  );
  const failures = [...burning(signals, quick), ...violations(evidence.permissions, rules)];
  const doubts = [
    ...missing(evidence, watched),
    ...fallenSilent(signals, rules, quick),
    ...slower(signals, quick),
    ...blind(signals, rules),
  ];
  return {
    verdict: failures.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass',
    reasons: [...failures, ...doubts, ...remarks(signals)],
    signals,
  };
}

/** @returns the id of the page rule with the shortest long window; null when the playbook has none */
export function quickest(rules: readonly BurnRule[]): string | null {
  const pages = rules.filter(({ severity }) => severity === 'page');
  return pages.sort((a, b) => milliseconds(a.long) - milliseconds(b.long))[0]?.id ?? null;
}

/** @returns "api-errors", or "workflow-reliability of order-sync" */
export const nameOf = ({ signal, of }: { readonly signal: string; readonly of: string | null }): string =>
  of === null ? signal : `${signal} of ${of}`;

const burning = (signals: readonly JudgedSignal[], quick: string | null): readonly string[] =>
  signals.flatMap((signal) =>
    signal.burn.filter(({ rule, firing }) => firing && rule === quick).map((burn) => inWords(signal, burn)),
  );

const slower = (signals: readonly JudgedSignal[], quick: string | null): readonly string[] =>
  signals.flatMap((signal) =>
    signal.burn
      .filter(({ rule, firing, severity }) => firing && severity === 'page' && rule !== quick)
      .map((burn) => inWords(signal, burn)),
  );

const remarks = (signals: readonly JudgedSignal[]): readonly string[] =>
  signals.flatMap((signal) =>
    signal.burn
      .filter(({ firing, severity, unreachable }) => (firing && severity === 'ticket') || unreachable)
      .map((burn) =>
        burn.unreachable
          ? `${nameOf(signal)}: ${burn.rule} can never fire for an objective of ${signal.objective}`
          : inWords(signal, burn),
      ),
  );

const inWords = (
  signal: JudgedSignal,
  { rule, long, short, factor, failuresLong, requestsLong }: Burn,
): string =>
  `${nameOf(signal)}: ${rule} fires, burning ${long.toFixed(2)} (long) and ${short.toFixed(2)} (short) times the budget, over ${factor.toFixed(2)}; ${failuresLong} of ${requestsLong} failed`;

function violations(usage: PermissionUsage, rules: MonitoringRule): readonly string[] {
  const { bypassedBy, outOfScopeBy } = usage;
  const bypassed = bypassedBy.map(
    ({ name, count }) => `permission ${name} was used ${count} × without a grant`,
  );
  const tried = outOfScopeBy.map(({ name }) => name).join(', ');
  return isProbing(usage, rules)
    ? [...bypassed, `permissions out of scope are being tried: ${tried}`]
    : bypassed;
}

function missing({ series, permissions, silentWindows }: GateEvidence, watched: Watched): readonly string[] {
  const heard = new Set(series.filter(({ canary }) => canary.requests > 0).map(nameOf));
  const silentOtherwise = watched.workflows.length + watched.extensions.length === 0;
  const unheard = [
    ...(watched.operations.length > 0 || silentOtherwise ? ['api-errors'] : []),
    ...watched.workflows.map((of) => nameOf({ signal: 'workflow-reliability', of })),
    ...watched.extensions.map((of) => nameOf({ signal: 'extension-behaviour', of })),
  ].filter((name) => !heard.has(name));
  return [
    ...(silentWindows > 0 ? [`no telemetry of the release for ${silentWindows} windows`] : []),
    ...unheard.map((name) => `no telemetry of the release yet: ${name}`),
    ...(permissions.judged ? [] : ['the permissions that the release was granted are not known']),
  ];
}

/**
 * Calls that were heard and have stopped while other telemetry goes on: the error rate of no calls says nothing. Workflows and
 * extensions may be rare by nature; calls are what a release is exposed by.
 */
function fallenSilent(
  signals: readonly JudgedSignal[],
  { burn: rules }: MonitoringRule,
  quick: string | null,
): readonly string[] {
  const span = rules.find(({ id }) => id === quick)?.long;
  return signals
    .filter(({ signal, canary }) => signal === 'api-errors' && canary.requests > 0)
    .filter(({ burn }) => burn.some(({ rule, requestsLong }) => rule === quick && requestsLong === 0))
    .map((signal) => `no telemetry of the release for ${span}: ${nameOf(signal)}`);
}

/** Objectives that no page rule can guard, while they are being missed. */
const blind = (signals: readonly JudgedSignal[], { minFailures }: MonitoringRule): readonly string[] =>
  signals
    .filter(({ burn }) =>
      burn.filter(({ severity }) => severity === 'page').every((rule) => rule.unreachable),
    )
    .filter(
      ({ canary: { requests, failures }, objective }) =>
        failures >= minFailures && failures / requests > 1 - objective,
    )
    .map((signal) => `${nameOf(signal)}: the objective is being missed and no page rule can fire for it`);
