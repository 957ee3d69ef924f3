import type { intakeHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** A line of the activity, in the order of the log. */
export interface ActivityLine {
  /** Counts the events of the log. Never shown: it would tell how much others do. */
  readonly sequence: number;
  readonly event: z.infer<typeof intakeHttp.StreamEvent>;
}

interface Row {
  readonly sequence: string;
  readonly event: string;
}

/** What happens, in the order of the log, as one caller may see it. */
@Injectable()
export class Activity {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns where the log ends at this moment */
  async end(): Promise<number> {
    const [row] = await this.work.query<{ sequence: string | null }>(
      'SELECT max(sequence)::text AS sequence FROM intake_read.activity',
    );
    return Number(row?.sequence ?? 0);
  }

  /** @returns the place of an event that the caller may see, or null */
  async placeOf(eventId: string, partner: string | null): Promise<number | null> {
    const [row] = await this.work.query<{ sequence: string }>(
      'SELECT sequence::text FROM intake_read.activity WHERE event_id = $1 AND ($2::text IS NULL OR partner = $2)',
      [eventId, partner],
    );
    return row === undefined ? null : Number(row.sequence);
  }

  /** @returns up to `limit` lines after the place, of one partner or (null) of all, of one integration or (null) of all */
  async after(
    place: number,
    { partner, integrationId }: { readonly partner: string | null; readonly integrationId: string | null },
    limit: number,
  ): Promise<readonly ActivityLine[]> {
    const rows = await this.work.query<Row>(
      `SELECT sequence::text, event FROM intake_read.activity
        WHERE sequence > $1 AND ($2::text IS NULL OR partner = $2) AND ($3::text IS NULL OR integration_id = $3)
        ORDER BY sequence LIMIT $4`,
      [place, partner, integrationId, limit],
    );
    return rows.map(({ sequence, event }) => ({
      sequence: Number(sequence),
      event: JSON.parse(event) as ActivityLine['event'],
    }));
  }
}
