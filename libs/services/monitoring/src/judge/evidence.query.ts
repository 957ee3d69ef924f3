import {
  type CountedSignal,
  type Counts,
  type Grant,
  judgePermissions,
  milliseconds,
  NO_COUNTS,
  type PermissionUsage,
  type SignalSeries,
} from '@kwanus/domain-monitoring';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from '../monitoring-rules.js';
import {
  type PermissionSum,
  SealedWindowsQuery,
  type SignalSum,
} from '../sealed-windows/sealed-windows.query.js';

/** Whose numbers are asked for, and when. Times are milliseconds; windows that end after `to` are not looked at. */
export interface EvidenceQuestion {
  readonly integrationId: string;
  readonly release: string;
  /** The release that it replaces, as the other arm; null: none. */
  readonly previous: string | null;
  /** Nothing before is held against the release: the beginning of its rollout. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
  /** Lengths that the burn rules look back. */
  readonly spans: readonly number[];
}

/** Gathers from sealed windows what verdicts and alerts are made of. */
@Injectable()
export class EvidenceQuery {
  constructor(
    private readonly windows: SealedWindowsQuery,
    private readonly rules: MonitoringRules,
  ) {}

  /** @returns one series per signal that either arm was heard on */
  async series(question: EvidenceQuestion): Promise<readonly SignalSeries[]> {
    const { integrationId, release, previous, to } = question;
    const since = [question.start, question.from, ...question.spans.map((span) => sinceOf(question, span))];
    const releases = previous === null ? [release] : [release, previous];
    const sums = await this.windows.signals(
      { integrationId, since: [...new Set(since)], before: to },
      releases,
    );
    const keys = new Map(sums.map(({ signal, of }) => [`${signal} ${of ?? ''}`, { signal, of }]));
    return [...keys.values()].map((key) => seriesOf(key, sums, question));
  }

  /** @returns use of permissions since the start, held against the grants */
  async permissions(question: EvidenceQuestion, grants: readonly Grant[] | null): Promise<PermissionUsage> {
    const { integrationId, release, start, to } = question;
    const lately = sinceOf(question, milliseconds(this.rules.monitoring.probing.within));
    const since = [...new Set([start, lately])];
    const sums = await this.windows.permissions({ integrationId, since, before: to }, release);
    const denied = (name: string): number => find(sums, name, lately)?.denied ?? 0;
    const counts = sums
      .filter((sum) => sum.since === start)
      .map(({ permission, allowed, denied: ever }) => ({
        permission,
        allowed,
        denied: ever,
        deniedLately: denied(permission),
      }));
    return judgePermissions(counts, grants);
  }
}

/** @returns where a span that ends at `to` begins; never before the start */
const sinceOf = ({ start, to }: Pick<EvidenceQuestion, 'start' | 'to'>, span: number): number =>
  Math.max(start, to - span);

const find = (sums: readonly PermissionSum[], permission: string, since: number): PermissionSum | undefined =>
  sums.find((sum) => sum.permission === permission && sum.since === since);

function seriesOf(
  { signal, of }: { readonly signal: CountedSignal; readonly of: string | null },
  sums: readonly SignalSum[],
  question: EvidenceQuestion,
): SignalSeries {
  const counts = (release: string | null, since: number): Counts => {
    const sum = sums.find(
      (each) => each.signal === signal && each.of === of && each.release === release && each.since === since,
    );
    return sum === undefined ? NO_COUNTS : { requests: sum.requests, failures: sum.failures };
  };
  const { release, previous, start, from, spans } = question;
  return {
    signal,
    of,
    canary: counts(release, start),
    stable: counts(previous, start),
    canaryWindow: counts(release, from),
    stableWindow: counts(previous, from),
    spans: new Map(spans.map((span) => [span, counts(release, sinceOf(question, span))])),
  };
}
