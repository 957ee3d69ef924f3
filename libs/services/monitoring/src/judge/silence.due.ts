import { liveRollouts, type WatchedRollout } from '@kwanus/domain-monitoring';
import { DueDates, type DueHandler, type Reaction } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from '../monitoring-rules.js';
import { WatchList } from '../watch/watch-list.js';
import { GateVerdicts } from './gate-verdicts.js';

const KIND = 'telemetry-silent';

/** Finds rollouts whose telemetry has stopped, or never began, by due dates: they survive the process. */
@Injectable()
export class Silence {
  constructor(
    private readonly due: DueDates,
    private readonly watchList: WatchList,
    private readonly verdicts: GateVerdicts,
    private readonly rules: MonitoringRules,
  ) {}

  /** Moves the moment from which no news counts as silence: from the end of the last window, by the clock. Joins the unit of work. */
  async expect(
    { rolloutId }: Pick<WatchedRollout, 'rolloutId'>,
    integrationId: string,
    lastTo: number,
  ): Promise<void> {
    const { windowMs, watermarkMs } = this.rules.windows;
    const patience = this.rules.monitoring.silentWindows * windowMs + 2 * watermarkMs + windowMs;
    await this.due.schedule({
      key: keyOf(rolloutId),
      kind: KIND,
      dueAt: new Date(lastTo + patience).toISOString(),
      payload: { rolloutId, integrationId },
    });
  }

  /** The due date's handler: says so once, unless telemetry came meanwhile or the rollout is over. */
  handler(): DueHandler {
    return {
      kind: KIND,
      fall: async ({ payload }, commandId) => {
        const { rolloutId, integrationId } = payload as { rolloutId: string; integrationId: string };
        const state = await this.watchList.of(integrationId);
        const rollout = liveRollouts(state).find((live) => live.rolloutId === rolloutId);
        if (rollout !== undefined)
          await this.verdicts.reportSilence(rollout, state, { integrationId, commandId });
      },
    };
  }

  /** Begins to wait when exposure begins, and stops when it ends. */
  reaction(): Reaction {
    return {
      name: 'monitoring.silence',
      handle: async ({ type, data }) => {
        const { rolloutId, integrationId, at } = data as {
          rolloutId: string;
          integrationId: string;
          at: string;
        };
        if (type === 'ExposureStarted') await this.expect({ rolloutId }, integrationId, Date.parse(at));
        if (type === 'ExposureEnded') await this.due.cancel(keyOf(rolloutId));
      },
    };
  }
}

const keyOf = (rolloutId: string): string => `silence ${rolloutId}`;
