import type { Caller } from '@kwanus/auth';
import type { validationHttp } from '@kwanus/contracts';
import { checkIfMatch, commandMetadata } from '@kwanus/http';
import type { Clock } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { GrantStreams, grantsStream } from '../validation-streams.js';
import type { RevocationKey } from './revocations.query.js';
import { SeatBook } from './seat-book.js';

/** Injects for how long a permission that was kept is not asked about again, in milliseconds. */
export const UNUSED_AFTER = Symbol('kwanus unused after');

/** Takes the body's decisions about permissions that should be taken away. */
@Injectable()
export class RevocationDecisions {
  constructor(
    private readonly grants: GrantStreams,
    private readonly seats: SeatBook,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(UNUSED_AFTER) private readonly unusedAfterMs: number,
  ) {}

  /** @returns the version of the stream. @throws DomainRejection */
  async decide(
    key: RevocationKey,
    { decision, reason }: z.infer<typeof validationHttp.DecideRevocation>,
    { actor }: Caller,
  ): Promise<number> {
    const now = this.clock.now();
    const { version } = await this.grants.handle({
      streamId: grantsStream(key.integrationId),
      routingKey: key.integrationId,
      command: {
        type: 'DecideRevocation',
        ...key,
        decision,
        reason,
        by: { id: actor.id, seats: await this.seats.seatsOf(actor.id) },
        at: new Date(now).toISOString(),
        askAgainFrom: new Date(now + this.unusedAfterMs).toISOString(),
      },
      context: this.grants.rule,
      metadata: commandMetadata(),
      check: ({ version: known }) => checkIfMatch(known),
    });
    return version;
  }
}
