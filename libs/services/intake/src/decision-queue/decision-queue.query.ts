import type { intakeHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { z } from 'zod';

type DecisionItem = z.infer<typeof intakeHttp.DecisionItem>;
/** A decision that waits, without what depends on the moment of reading. */
export type OpenDecision = Omit<DecisionItem, 'overdue'>;

/** What has a body to decide? The earliest due date first. */
export class GetDecisionQueue extends Query<readonly OpenDecision[]> {
  constructor(
    readonly body: string,
    /** Null: of every partner. */
    readonly partner: string | null,
    readonly page: { readonly after: readonly [string, string] | null; readonly limit: number },
  ) {
    super();
  }
}

@QueryHandler(GetDecisionQueue)
export class GetDecisionQueueHandler implements IQueryHandler<GetDecisionQueue> {
  constructor(private readonly work: UnitOfWork) {}

  async execute({ body, partner, page }: GetDecisionQueue): Promise<readonly OpenDecision[]> {
    const rows = await this.work.query<{ item: string }>(
      `SELECT item FROM intake_read.open_decision
        WHERE body = $1 AND ($2::text IS NULL OR partner = $2) AND ($3::text IS NULL OR (sort, key) > ($3, $4))
        ORDER BY sort, key LIMIT $5`,
      [body, partner, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit],
    );
    return rows.map(({ item }) => JSON.parse(item) as OpenDecision);
  }
}
