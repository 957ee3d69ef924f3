import { nextDue } from '@kwanus/domain-rollout';
import { DueDates, type DueHandler, type Reaction } from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';
import { RolloutDesk, type RolloutOf } from '../rollout-desk.js';
import { RolloutStreams, rolloutStream } from '../rollout-streams.js';
import { type Cause, ownMetadata } from './own-metadata.js';

const KIND = 'rollout-due';

/** Evidence moves a rollout by itself when it arrives; it never changes what falls due without another event beside it. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'EvidenceRecorded',
  'LateFactRecorded',
  'ApprovalRecorded',
]);

/** The ends of dwell and bake, bodies to be asked, deadlines: one due date for each rollout, moved by its events. */
@Injectable()
export class RolloutDue {
  constructor(
    private readonly due: DueDates,
    private readonly streams: RolloutStreams,
    private readonly desk: RolloutDesk,
  ) {}

  /** Moves the due date after every event that may have moved it. */
  reaction(): Reaction {
    return {
      name: 'rollout.due',
      handle: async ({ streamType, type, data, eventId, metadata }) => {
        if (streamType !== 'rollout' || WITHOUT_EFFECT.has(type)) return;
        const { integrationId, rolloutId } = data as unknown as RolloutOf;
        const { correlationId, playbookVersion } = metadata;
        const cause = {
          eventId,
          correlationId,
          ...(playbookVersion === undefined ? {} : { playbookVersion }),
        };
        await this.schedule({ integrationId, rolloutId }, cause, null);
      },
    };
  }

  /** Looks at a rollout whose moment has come. */
  handler(): DueHandler {
    return {
      kind: KIND,
      fall: async ({ payload, dueAt }, commandId) => {
        const { integrationId, rolloutId, ...cause } = payload as unknown as RolloutOf & Cause;
        const now = this.desk.now();
        const at = Date.parse(dueAt) > Date.parse(now) ? dueAt : now;
        const of = { integrationId, rolloutId };
        await this.desk.tell(of, { type: 'Evaluate', at }, ownMetadata(cause, commandId));
        await this.schedule(of, cause, at);
      },
    };
  }

  private async schedule(of: RolloutOf, cause: Cause, after: string | null): Promise<void> {
    const { state } = await this.streams.load(rolloutStream(of.rolloutId));
    const dueAt = nextDue(state, after);
    const key = `${KIND} ${of.rolloutId}`;
    if (dueAt === null) await this.due.cancel(key);
    else
      await this.due.schedule({
        key,
        kind: KIND,
        dueAt,
        payload: { ...of, ...cause } as unknown as JsonObject,
      });
  }
}
