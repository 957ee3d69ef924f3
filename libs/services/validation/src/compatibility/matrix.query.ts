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

/** Reads the compatibility matrix, integration by integration. */
@Injectable()
export class MatrixQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns integrations after the one named, in the order of their ids */
  async list(partner: string | null, after: string | null, limit: number): Promise<readonly MatrixView[]> {
    const found = await this.work.query<Row>(
      `SELECT integration_id, max(stream_version)::integer AS version,
         json_agg(json_build_object('release', release, 'cells', cells::json) ORDER BY release)::text AS rows
       FROM validation_read.matrix_row
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id > $2)
       GROUP BY integration_id ORDER BY integration_id LIMIT $3`,
      [partner, after, limit],
    );
    return found.map(({ integration_id, rows, version }) => ({
      integrationId: integration_id,
      rows: JSON.parse(rows) as MatrixView['rows'],
      version,
    }));
  }
}
