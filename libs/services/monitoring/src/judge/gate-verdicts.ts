import {
  type GateVerdict,
  gate,
  judgeGate,
  spansOf,
  type Watched,
  type WatchedRollout,
  type WatchState,
  windowOf,
} from '@kwanus/domain-monitoring';
import { count } from '@kwanus/telemetry';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from '../monitoring-rules.js';
import { becauseOf, MonitoringStreams } from '../monitoring-streams.js';
import { EvidenceQuery, type EvidenceQuestion } from './evidence.query.js';

/** A window, or a stretch of silence; milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const VERDICTS: readonly GateVerdict['verdict'][] = ['pass', 'fail', 'inconclusive'];
const NOTHING_WATCHED: Watched = { operations: [], workflows: [], permissions: [], extensions: [], slos: [] };

/** Judges live rollouts and appends the verdicts to `gate-<rolloutId>`. */
@Injectable()
export class GateVerdicts {
  constructor(
    private readonly evidence: EvidenceQuery,
    private readonly streams: MonitoringStreams,
    private readonly rules: MonitoringRules,
  ) {
    // Zero is shown too: a counter that never counted is missing at /metrics.
    for (const verdict of VERDICTS) count('kwanus.gate.verdicts', { verdict }, 0);
  }

  /** Judges one sealed window of the canary. @param cause id of the event that sealed it */
  async record(
    rollout: WatchedRollout,
    state: WatchState,
    at: Stretch & { readonly integrationId: string; readonly cause: string },
  ): Promise<void> {
    const verdict = await this.verdict(rollout, state, at, 0);
    const { news } = await this.streams.handle({
      decider: gate,
      streamId: gateStream(rollout.rolloutId),
      routingKey: at.integrationId,
      command: { type: 'RecordVerdict', verdict },
      metadata: becauseOf(`verdict ${rollout.rolloutId} ${at.to}`, at.cause),
    });
    if (news) count('kwanus.gate.verdicts', { verdict: verdict.verdict });
  }

  /** Says, once, that no telemetry of the canary has come for too long. */
  async reportSilence(
    rollout: WatchedRollout,
    state: WatchState,
    at: { readonly integrationId: string; readonly commandId: string },
  ): Promise<void> {
    const from = await this.judgedTo(rollout);
    const { silentWindows } = this.rules.monitoring;
    const to = from + silentWindows * this.rules.windows.windowMs;
    const verdict = await this.verdict(
      rollout,
      state,
      { integrationId: at.integrationId, from, to },
      silentWindows,
    );
    const { news } = await this.streams.handle({
      decider: gate,
      streamId: gateStream(rollout.rolloutId),
      routingKey: at.integrationId,
      command: { type: 'ReportSilence', verdict },
      metadata: { ...becauseOf(`silence ${rollout.rolloutId}`, null), commandId: at.commandId },
    });
    if (news) count('kwanus.gate.verdicts', { verdict: verdict.verdict });
  }

  /** @returns the end of the last window that was judged, else the beginning of the rollout; milliseconds */
  async judgedTo(rollout: WatchedRollout): Promise<number> {
    const { state } = await this.streams.read(gate, gateStream(rollout.rolloutId));
    return state.judgedTo === null ? this.startOf(rollout) : Date.parse(state.judgedTo);
  }

  private async verdict(
    { rolloutId, release, previous, startedAt }: WatchedRollout,
    { releases }: WatchState,
    { integrationId, from, to }: Stretch & { readonly integrationId: string },
    silentWindows: number,
  ): Promise<GateVerdict> {
    const declared = releases.get(release)?.watched;
    const question: EvidenceQuestion = {
      integrationId,
      release,
      previous,
      start: this.startOf({ startedAt }),
      from,
      to,
      spans: spansOf(this.rules.monitoring.burn),
    };
    const series = await this.evidence.series(question);
    const permissions = await this.evidence.permissions(question, declared?.permissions ?? null);
    const gathered = { series, permissions, silentWindows };
    const { used, denied, outOfScope, bypassed, neverUsed, judged } = permissions;
    return {
      type: 'GateVerdict',
      integrationId,
      release,
      rolloutId,
      window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      permissions: { used, denied, outOfScope, bypassed, neverUsed, judged },
      silentWindows,
      ...judgeGate(gathered, declared ?? NOTHING_WATCHED, this.rules.monitoring),
    };
  }

  private startOf({ startedAt }: Pick<WatchedRollout, 'startedAt'>): number {
    return windowOf(startedAt === null ? 0 : Date.parse(startedAt), this.rules.windows);
  }
}

/** @returns the stream of a rollout's verdicts */
export const gateStream = (rolloutId: string): string => `gate-${rolloutId}`;
