import {
  liveRollouts,
  type ReleaseWindow,
  spansOf,
  type WatchState,
  windowOf,
} from '@kwanus/domain-monitoring';
import { EventStore, type JobHandler, type StoredEvent } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { AlertSignals } from '../alerts/alert-signals.js';
import { MonitoringRules } from '../monitoring-rules.js';
import { SLI_CORRECTED, TelemetryLog, windowOfEvent } from '../telemetry/telemetry-log.js';
import { WatchList } from '../watch/watch-list.js';
import { EvidenceQuery } from './evidence.query.js';
import { GateVerdicts } from './gate-verdicts.js';
import { JUDGE_WINDOWS, type SealedReference } from './sealed-reference.js';
import { Silence } from './silence.due.js';
import { reportViolations, usageIn } from './violations.js';

/** What judging asks, and whom it tells. */
@Injectable()
export class JudgeParts {
  constructor(
    readonly watchList: WatchList,
    readonly evidence: EvidenceQuery,
    readonly verdicts: GateVerdicts,
    readonly alerts: AlertSignals,
    readonly silence: Silence,
  ) {}
}

interface SealedWindow extends ReleaseWindow {
  readonly eventId: string;
  readonly corrects: boolean;
}

const LEASE_MS = 30_000;
const ATTEMPTS = 10;
const CATCH_UP_MS = 5_000;

/**
 * Judges windows after they were sealed: a verdict for every window of a live rollout's canary, in order; violations of
 * permissions; alerts. Every append has a command id made from what was judged, so that a second attempt repeats nothing.
 */
@Injectable()
export class WindowJudge {
  constructor(
    private readonly log: TelemetryLog,
    private readonly store: EventStore,
    private readonly rules: MonitoringRules,
    private readonly parts: JudgeParts,
  ) {}

  /** The job that the folder asks for. @param onExhausted told when it was given up */
  handler(onExhausted: (integrationId: string, error: unknown) => void): JobHandler {
    const references = (payload: unknown): readonly SealedReference[] =>
      (payload as { readonly sealed: readonly SealedReference[] }).sealed;
    return {
      kind: JUDGE_WINDOWS,
      leaseMs: LEASE_MS,
      maxAttempts: ATTEMPTS,
      run: ({ payload }) => this.judge(references(payload)),
      exhausted: async ({ payload }, error) =>
        onExhausted(references(payload)[0]?.integrationId ?? '', error),
    };
  }

  /** @param sealed events of one integration */
  async judge(sealed: readonly SealedReference[]): Promise<void> {
    const [first] = sealed;
    if (first === undefined) return;
    for (const { streamId, version } of sealed)
      await this.log.projections.waitFor(streamId, version, CATCH_UP_MS);
    const windows = await this.read(sealed);
    const state = await this.parts.watchList.of(first.integrationId);
    await this.judgeUse(windows, state);
    await this.judgeRollouts(windows, state);
    await this.judgeBurn(windows, state);
  }

  private async read(sealed: readonly SealedReference[]): Promise<readonly SealedWindow[]> {
    const found: SealedWindow[] = [];
    for (const { streamId, version, events } of sealed) {
      const range = { fromVersion: version - events + 1, toVersion: version };
      const slice = await this.log.store.readStream(streamId, range);
      found.push(...slice.events.flatMap(sealedWindow));
    }
    return found.sort((a, b) => a.to - b.to);
  }

  private async judgeUse(windows: readonly SealedWindow[], state: WatchState): Promise<void> {
    for (const window of windows) {
      const usage = usageIn(window, state.releases.get(window.release)?.watched);
      await reportViolations(this.store, usage, window);
      if (usage.outOfScope + usage.bypassed === 0) continue;
      const { triedLately } = await this.parts.evidence.permissions(
        this.question(window, state),
        state.releases.get(window.release)?.watched.permissions ?? null,
      );
      const subject = { integrationId: window.integration, release: window.release, cause: window.eventId };
      await this.parts.alerts.ofPermissions(subject, { ...usage, triedLately });
    }
  }

  private async judgeRollouts(windows: readonly SealedWindow[], state: WatchState): Promise<void> {
    for (const rollout of liveRollouts(state)) {
      const start = windowOf(Date.parse(rollout.startedAt ?? ''), this.rules.windows);
      const canary = windows.filter(
        ({ release, corrects, from }) => release === rollout.release && !corrects && from >= start,
      );
      for (const { from, to, integration, eventId } of canary)
        await this.parts.verdicts.record(rollout, state, {
          from,
          to,
          integrationId: integration,
          cause: eventId,
        });
      const last = canary.at(-1);
      if (last !== undefined) await this.parts.silence.expect(rollout, last.integration, last.to);
    }
  }

  private async judgeBurn(windows: readonly SealedWindow[], state: WatchState): Promise<void> {
    const latest = new Map(windows.map((window) => [window.release, window]));
    for (const [release, window] of latest) {
      const watched = state.releases.get(release)?.watched;
      if (watched === undefined || isRolledBack(state, release)) continue;
      const series = await this.parts.evidence.series(this.question(window, state));
      const subject = { integrationId: window.integration, release, cause: window.eventId };
      await this.parts.alerts.ofBurn(subject, series, watched);
    }
  }

  private question({ integration, release, from, to }: SealedWindow, state: WatchState) {
    const began = lastRollout(state, release)?.startedAt ?? null;
    const start = windowOf(began === null ? 0 : Date.parse(began), this.rules.windows);
    const spans = spansOf(this.rules.monitoring.burn);
    return {
      integrationId: integration,
      release,
      previous: null,
      start: Math.min(start, from),
      from,
      to,
      spans,
    };
  }
}

const lastRollout = ({ rollouts }: WatchState, release: string) =>
  [...rollouts.values()].filter((rollout) => rollout.release === release).at(-1);

/** Nobody is meant to meet it: what still fails there burns nobody's budget. */
const isRolledBack = (state: WatchState, release: string): boolean =>
  lastRollout(state, release)?.ended === 'rolled-back';

const sealedWindow = (event: StoredEvent): readonly SealedWindow[] => {
  const window = windowOfEvent(event);
  return window === null
    ? []
    : [{ ...window, eventId: event.eventId, corrects: event.type === SLI_CORRECTED }];
};
