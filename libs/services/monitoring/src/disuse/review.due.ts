import {
  disuse,
  type ExposureEnded,
  heldPermissions,
  milliseconds,
  nextReview,
  type ReviewUse,
  type WatchEvent,
} from '@kwanus/domain-monitoring';
import { DueDates, type DueHandler, type Reaction } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { becauseOf, MonitoringStreams } from '../monitoring-streams.js';
import { FoldTime } from '../telemetry/telemetry-folder.js';
import { WatchList } from '../watch/watch-list.js';
import { PermissionUseQuery } from './permission-use.query.js';

const KIND = 'permission-review';

/** Finds permissions that live releases hold and nobody uses, by due dates: they survive the process (PM210). */
@Injectable()
export class PermissionReview {
  constructor(
    private readonly due: DueDates,
    private readonly watchList: WatchList,
    private readonly use: PermissionUseQuery,
    private readonly streams: MonitoringStreams,
    private readonly time: FoldTime,
  ) {}

  /** Looks at the release when its first permission can have been unused for long enough. A roll-back lets the one before serve again. */
  reaction(): Reaction {
    return {
      name: 'monitoring.permission-review',
      handle: async ({ type, data, recordedAt }) => {
        const fact = { ...data, type } as unknown as WatchEvent;
        if (fact.type === 'ExposureStarted') await this.#expect(fact.integrationId, fact.release, fact.at);
        if (fact.type === 'ExposureEnded') await this.#servesAgain(fact, recordedAt);
      },
    };
  }

  /** The due date's handler. What it can't judge yet is judged again later. */
  handler(): DueHandler {
    return {
      kind: KIND,
      fall: async ({ payload }, commandId) => {
        const { integrationId, release } = payload as { integrationId: string; release: string };
        // After a time without the process one look at the present does for all that were missed.
        const at = new Date(this.time.clock.now()).toISOString();
        await this.#review(integrationId, release, { at, commandId });
      },
    };
  }

  async #servesAgain({ integrationId, rolloutId, outcome }: ExposureEnded, at: string): Promise<void> {
    if (outcome !== 'rolled-back') return;
    const { rollouts } = await this.watchList.of(integrationId);
    const before = rollouts.get(rolloutId)?.previous ?? null;
    if (before !== null) await this.#expect(integrationId, before, at);
  }

  async #review(
    integrationId: string,
    release: string,
    { at, commandId }: { readonly at: string; readonly commandId: string },
  ): Promise<void> {
    const { after, lookAgain } = this.time.rules.monitoring.unused;
    const watched = await this.watchList.of(integrationId);
    const held = heldPermissions(watched, release);
    if (held.length === 0) return;
    const command: ReviewUse = {
      type: 'ReviewUse',
      integrationId,
      release,
      at,
      held,
      ...(await this.use.of(integrationId, release, watched.releases.keys())),
      afterMs: milliseconds(after),
    };
    const streamId = disuseStream(integrationId);
    await this.streams.handle({
      decider: disuse,
      streamId,
      routingKey: integrationId,
      command,
      metadata: { ...becauseOf(`permission review ${commandId}`, null), commandId },
    });
    const { state } = await this.streams.read(disuse, streamId);
    const next = nextReview(command, state, milliseconds(lookAgain));
    if (next !== null) await this.#schedule(integrationId, release, next);
  }

  #expect(integrationId: string, release: string, since: string): Promise<void> {
    const { lookAgain } = this.time.rules.monitoring.unused;
    return this.#schedule(
      integrationId,
      release,
      new Date(Date.parse(since) + milliseconds(lookAgain)).toISOString(),
    );
  }

  #schedule(integrationId: string, release: string, dueAt: string): Promise<void> {
    const key = `permission review ${integrationId}@${release}`;
    return this.due.schedule({ key, kind: KIND, dueAt, payload: { integrationId, release } });
  }
}

/** @returns the stream of what was held and not used */
export const disuseStream = (integrationId: string): string => `disuse-${integrationId}`;
