import type { Identities } from '@kwanus/auth';
import { IDENTITIES } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';

/** Who holds a seat in which body: the first seats of the installation, as its identities name them. */
@Injectable()
export class SeatBook {
  constructor(@Inject(IDENTITIES) private readonly identities: Identities) {}

  /** @returns the bodies in which the actor holds a seat */
  seatsOf(actorId: string): readonly string[] {
    return this.identities.seats.filter((seat) => seat.actorId === actorId).map(({ body }) => body);
  }
}
