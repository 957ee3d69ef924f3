import type { validationHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

export type MatrixView = z.infer<typeof validationHttp.MatrixView>;

interface Row {
  readonly integration_id: string;
  readonly rows: string;
  readonly version: number;
}

/** Which integrations. */
export interface MatrixFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integration?: string | undefined;
  /** The last one of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** Reads the compatibility matrix, integration by integration. */
@Injectable()
export class MatrixQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns integrations after the one named, in the order of their ids */
  async list({ partner, integration, after, limit }: MatrixFilter): Promise<readonly MatrixView[]> {
    const found = await this.work.query<Row>(
      `SELECT integration_id, max(stream_version)::integer AS version,
         json_agg(json_build_object('release', release, 'cells', cells::json) ORDER BY release)::text AS rows
       FROM validation_read.matrix_row
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id > $2)
         AND ($4::text IS NULL OR integration_id = $4)
       GROUP BY integration_id ORDER BY integration_id LIMIT $3`,
      [partner, after, limit, integration ?? null],
    );
    return found.map(({ integration_id, rows, version }) => ({
      integrationId: integration_id,
      rows: JSON.parse(rows) as MatrixView['rows'],
      version,
    }));
  }

  /** @returns ids of integrations that have a row, in their order */
  async integrations(after: string | null, limit: number): Promise<readonly string[]> {
    const found = await this.work.query<{ integration_id: string }>(
      `SELECT DISTINCT integration_id FROM validation_read.matrix_row
       WHERE ($1::text IS NULL OR integration_id > $1) ORDER BY integration_id LIMIT $2`,
      [after, limit],
    );
    return found.map(({ integration_id }) => integration_id);
  }
}
