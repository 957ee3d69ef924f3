import { bodiesOf, type SeatCommand } from '@kwanus/domain-validation';
import type { CommandMetadata } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { SEATS_STREAM, SeatStreams } from '../validation-streams.js';

/** Who holds a seat in which body: what the membership stream has told so far, never what a token says. */
@Injectable()
export class SeatBook {
  constructor(private readonly streams: SeatStreams) {}

  /** @returns the bodies in which the actor holds a seat */
  async seatsOf(actorId: string): Promise<readonly string[]> {
    const { state } = await this.streams.load(SEATS_STREAM);
    return bodiesOf(state, actorId);
  }

  /** Keeps what the membership stream says; what is known already is no news. */
  async note(command: SeatCommand, metadata: CommandMetadata): Promise<void> {
    await this.streams.handle({
      streamId: SEATS_STREAM,
      routingKey: SEATS_STREAM,
      command,
      context: undefined,
      metadata,
    });
  }
}
