import type { Flag } from '@kwanus/domain-rollout';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

/** A flag, and the event that changed it last. */
export interface KnownFlag {
  readonly flag: Flag;
  readonly eventPosition: string;
}

interface Row {
  readonly state: string;
  readonly event_position: string;
}

/** Reads flags. */
@Injectable()
export class FlagsQuery {
  /** What is being read: a flag is asked for by many at a time. */
  private readonly reading = new Map<string, Promise<KnownFlag | null>>();

  constructor(private readonly work: UnitOfWork) {}

  /** A read that is under way is shared: the answer may be from just before the call. @returns the flag; null when there is none */
  find(integrationId: string): Promise<KnownFlag | null> {
    const underWay = this.reading.get(integrationId);
    if (underWay !== undefined) return underWay;
    const read = this.read(integrationId).finally(() => this.reading.delete(integrationId));
    this.reading.set(integrationId, read);
    return read;
  }

  private async read(integrationId: string): Promise<KnownFlag | null> {
    const [row] = await this.work.query<Row>(
      'SELECT state, event_position::text FROM rollout_read.flag WHERE integration_id = $1',
      [integrationId],
    );
    return row === undefined ? null : known(row);
  }

  /** @param partner whose; null: everybody's. @returns every flag, in the order of their keys */
  async all(partner: string | null): Promise<readonly KnownFlag[]> {
    const rows = await this.work.query<Row>(
      `SELECT state, event_position::text FROM rollout_read.flag
       WHERE $1::text IS NULL OR split_part(integration_id, '.', 1) = $1 ORDER BY integration_id`,
      [partner],
    );
    return rows.map(known);
  }
}

const known = ({ state, event_position: eventPosition }: Row): KnownFlag => ({
  flag: JSON.parse(state) as Flag,
  eventPosition,
});
