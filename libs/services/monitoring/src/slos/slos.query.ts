import type { monitoringHttp } from '@kwanus/contracts';
import {
  type Burn,
  burnRate,
  type CountedSignal,
  type Counts,
  errorBudget,
  evaluateBurn,
  milliseconds,
  NO_COUNTS,
  type Objective,
  objectiveOf,
  type ReleaseWatched,
  spansOf,
  windowOf,
} from '@kwanus/domain-monitoring';
import type { Clock } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { MonitoringRules } from '../monitoring-rules.js';
import {
  type ReleaseTotals,
  SealedWindowsQuery,
  type SignalSum,
} from '../sealed-windows/sealed-windows.query.js';
import { WatchList } from '../watch/watch-list.js';

/** A promise and how it is kept, as it is answered. */
export type SloView = z.infer<typeof monitoringHttp.SloView>;

interface Promised {
  readonly signal: CountedSignal;
  readonly of: string | null;
}

/** Answers how promises are kept: objective, budget, burn; from sealed windows alone. */
@Injectable()
export class SlosQuery {
  constructor(
    private readonly windows: SealedWindowsQuery,
    private readonly watchList: WatchList,
    private readonly rules: MonitoringRules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns one entry per signal that the release declared or was heard on */
  async ofRelease({
    integrationId,
    release,
    sealedTo,
  }: Pick<ReleaseTotals, 'integrationId' | 'release' | 'sealedTo'>): Promise<readonly SloView[]> {
    const watched = (await this.watchList.of(integrationId)).releases.get(release);
    const objective = (signal: string): Objective =>
      objectiveOf(signal, watched?.watched.slos ?? [], this.rules.monitoring);
    const now = windowOf(this.clock.now(), this.rules.windows);
    const lengths = [
      ...spansOf(this.rules.monitoring.burn),
      ...this.rules.monitoring.signals.map(({ id }) => milliseconds(objective(id).period)),
    ];
    const since = [...new Set(lengths.map((length) => now - length))];
    const sums = await this.windows.signals({ integrationId, since, before: now }, [release]);
    return promisesOf(sums, watched).map((promised) => ({
      integrationId,
      release,
      ...this.view(promised, objective(promised.signal), (length) => countsOf(sums, promised, now - length)),
      accountable: watched?.accountable ?? null,
      sealedTo: sealedTo === 0 ? null : new Date(sealedTo).toISOString(),
    }));
  }

  private view(
    { signal, of }: Promised,
    promise: Objective,
    counts: (length: number) => Counts,
  ): Pick<SloView, 'signal' | 'of' | 'objective' | 'period' | 'counts' | 'budget' | 'burn'> {
    const { burn, minFailures } = this.rules.monitoring;
    const spans = new Map(spansOf(burn).map((span) => [span, counts(span)]));
    const shortest = burn[0] === undefined ? NO_COUNTS : counts(milliseconds(burn[0].long));
    const ofPeriod = counts(milliseconds(promise.period));
    return {
      signal,
      of,
      ...promise,
      counts: ofPeriod,
      budget: errorBudget(promise, ofPeriod, shortest),
      burn: burn.map((rule) => {
        const short = spans.get(milliseconds(rule.short)) ?? NO_COUNTS;
        return shown(evaluateBurn(rule, promise, spans, minFailures), burnRate(short, promise.objective));
      }),
    };
  }
}

const shown = (burn: Burn, short: number | null): SloView['burn'][number] => ({
  rule: burn.rule,
  severity: burn.severity,
  factor: burn.factor,
  long: burn.requestsLong === 0 ? null : burn.long,
  short,
  firing: burn.firing,
  unreachable: burn.unreachable,
  lowTraffic: burn.lowTraffic,
});

const countsOf = (sums: readonly SignalSum[], { signal, of }: Promised, since: number): Counts => {
  const sum = sums.find((each) => each.signal === signal && each.of === of && each.since === since);
  return sum === undefined ? NO_COUNTS : { requests: sum.requests, failures: sum.failures };
};

/** What was declared stands there though nothing was heard: unknown is shown, not left out. */
function promisesOf(sums: readonly SignalSum[], watched: ReleaseWatched | undefined): readonly Promised[] {
  const declared: readonly Promised[] = [
    { signal: 'api-errors', of: null },
    ...(watched?.watched.workflows ?? []).map((of): Promised => ({ signal: 'workflow-reliability', of })),
    ...(watched?.watched.extensions ?? []).map((of): Promised => ({ signal: 'extension-behaviour', of })),
  ];
  const all = [...declared, ...sums.map(({ signal, of }): Promised => ({ signal, of }))];
  return [...new Map(all.map((promised) => [`${promised.signal} ${promised.of ?? ''}`, promised])).values()];
}
