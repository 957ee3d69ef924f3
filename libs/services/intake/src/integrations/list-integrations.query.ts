import type { intakeHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { z } from 'zod';

export type IntegrationSummary = z.infer<typeof intakeHttp.IntegrationSummary>;

/** Which integrations, from where on. */
export interface IntegrationFilter {
  /** Null: of every partner. */
  readonly partner: string | null;
  readonly step: number | undefined;
  readonly state: string | undefined;
  /** Those where this body has something to decide. */
  readonly body: string | undefined;
  /** Part of the id, or of the subject's kind. */
  readonly q: string | undefined;
  /** The last id of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Which integrations are there? */
export class ListIntegrations extends Query<readonly IntegrationSummary[]> {
  constructor(readonly filter: IntegrationFilter) {
    super();
  }
}

const escapedLike = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;

@QueryHandler(ListIntegrations)
export class ListIntegrationsHandler implements IQueryHandler<ListIntegrations> {
  constructor(private readonly work: UnitOfWork) {}

  async execute({ filter }: ListIntegrations): Promise<readonly IntegrationSummary[]> {
    const { partner, step, state, body, q, after, limit } = filter;
    const rows = await this.work.query<{ summary: string }>(
      `SELECT i.summary FROM intake_read.integration i
        WHERE ($1::text IS NULL OR i.partner = $1) AND ($2::text IS NULL OR i.id > $2)
          AND ($3::int IS NULL OR EXISTS (SELECT FROM intake_read.integration_release r WHERE r.id = i.id AND r.step = $3))
          AND ($4::text IS NULL OR i.status = $4
               OR EXISTS (SELECT FROM intake_read.integration_release r WHERE r.id = i.id AND r.status = $4))
          AND ($5::text IS NULL OR EXISTS (SELECT FROM intake_read.open_decision d WHERE d.id = i.id AND d.body = $5))
          AND ($6::text IS NULL OR i.search LIKE $6)
        ORDER BY i.id LIMIT $7`,
      [
        partner,
        after,
        step ?? null,
        state ?? null,
        body ?? null,
        q === undefined ? null : escapedLike(q),
        limit,
      ],
    );
    return rows.map(({ summary }) => JSON.parse(summary) as IntegrationSummary);
  }
}
