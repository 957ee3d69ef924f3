import type { Revocation } from '@kwanus/domain-validation';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

/** Which proposals. */
export interface RevocationFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integration?: string | undefined;
  readonly status?: Revocation['status'] | undefined;
  /** The last one of the page before. */
  readonly after: readonly [string, string, string] | null;
  readonly limit: number;
}

/** Names one proposal. */
export interface RevocationKey {
  readonly integrationId: string;
  readonly release: string;
  readonly permission: string;
}

interface Row {
  readonly integration_id: string;
  readonly release: string;
  readonly permission: string;
}

/** Finds proposals to take permissions away. */
@Injectable()
export class RevocationsQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns proposals in the order of integration, release and permission */
  async list({
    partner,
    integration,
    status,
    after,
    limit,
  }: RevocationFilter): Promise<readonly RevocationKey[]> {
    const rows = await this.work.query<Row>(
      `SELECT integration_id, release, permission FROM validation_read.revocation
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id = $2)
         AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR (integration_id, release, permission) > ($4, $5, $6))
       ORDER BY integration_id, release, permission LIMIT $7`,
      [
        partner,
        integration ?? null,
        status ?? null,
        after?.[0] ?? null,
        after?.[1] ?? null,
        after?.[2] ?? null,
        limit,
      ],
    );
    return rows.map(({ integration_id: integrationId, release, permission }) => ({
      integrationId,
      release,
      permission,
    }));
  }
}
