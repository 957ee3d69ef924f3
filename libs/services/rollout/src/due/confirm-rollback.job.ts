import { type JobHandler, Jobs, Projections, type Reaction } from '@kwanus/event-store';
import { Injectable, Logger } from '@nestjs/common';
import { RolloutDesk, type RolloutOf } from '../rollout-desk.js';
import { rolloutStream } from '../rollout-streams.js';
import { type Cause, onceFor, ownMetadata } from './own-metadata.js';

const KIND = 'confirm-rollback';
const LEASE_MS = 15_000;
const CATCH_UP_MS = 10_000;
const ATTEMPTS = 100;

interface Payload extends RolloutOf, Cause {
  readonly version: number;
}

/** A roll-back is over when the flags have followed the decision: only then nobody is exposed any more, and it is said. */
@Injectable()
export class RollbackConfirmation {
  readonly #log = new Logger('Rollout');

  constructor(
    private readonly jobs: Jobs,
    private readonly projections: Projections,
    private readonly desk: RolloutDesk,
  ) {}

  reaction(): Reaction {
    return {
      name: 'rollout.confirm-rollback',
      handle: async ({ type, data, eventId, version, metadata }) => {
        if (type !== 'RollbackStarted') return;
        const { integrationId, rolloutId } = data as unknown as RolloutOf;
        const { correlationId } = metadata;
        const payload = { integrationId, rolloutId, eventId, correlationId, version };
        await this.jobs.enqueue({ id: onceFor(KIND, eventId), kind: KIND, payload });
      },
    };
  }

  handler(): JobHandler {
    return {
      kind: KIND,
      leaseMs: LEASE_MS,
      maxAttempts: ATTEMPTS,
      run: async ({ id, payload }) => {
        const { integrationId, rolloutId, version, ...cause } = payload as unknown as Payload;
        await this.projections.waitFor(rolloutStream(rolloutId), version, CATCH_UP_MS);
        const command = { type: 'ConfirmRollback', at: this.desk.now() } as const;
        await this.desk.tell({ integrationId, rolloutId }, command, ownMetadata(cause, id));
      },
      exhausted: async ({ payload }, error) => {
        const { rolloutId } = payload as unknown as Payload;
        this.#log.error(
          { rolloutId, err: error },
          'A roll-back was decided and could not be confirmed: the read models don’t follow the log.',
        );
      },
    };
  }
}
