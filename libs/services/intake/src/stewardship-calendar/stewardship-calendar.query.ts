import type { intakeHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { z } from 'zod';

export type StewardshipTaskView = z.infer<typeof intakeHttp.StewardshipTaskView>;

/** What is due for whom, year by year? The earliest due date first. */
export class GetStewardshipCalendar extends Query<readonly StewardshipTaskView[]> {
  constructor(
    readonly filter: { readonly partner: string | null; readonly body: string | undefined },
    readonly page: { readonly after: readonly [string, string] | null; readonly limit: number },
  ) {
    super();
  }
}

@QueryHandler(GetStewardshipCalendar)
export class GetStewardshipCalendarHandler implements IQueryHandler<GetStewardshipCalendar> {
  constructor(private readonly work: UnitOfWork) {}

  async execute({ filter, page }: GetStewardshipCalendar): Promise<readonly StewardshipTaskView[]> {
    const rows = await this.work.query<{ item: string }>(
      `SELECT item FROM intake_read.stewardship_task
        WHERE ($1::text IS NULL OR partner = $1) AND ($2::text IS NULL OR body = $2)
          AND ($3::text IS NULL OR (sort, key) > ($3, $4))
        ORDER BY sort, key LIMIT $5`,
      [filter.partner, filter.body ?? null, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit],
    );
    return rows.map(({ item }) => JSON.parse(item) as StewardshipTaskView);
  }
}
