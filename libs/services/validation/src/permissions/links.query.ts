import type { Neighbours, NeighbourWorkflow, WorkflowLink } from '@kwanus/checks-kit';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

/** What the first event of a run can carry, beside everything else. */
const MOST_WORKFLOWS = 200;
const MOST_BYTES = 96 * 1024;

interface Row {
  readonly integration_id: string;
  readonly release: string;
  readonly link: string;
}

/** Finds the workflows of live releases that something sets going. */
@Injectable()
export class LinksQuery {
  constructor(private readonly work: UnitOfWork) {}

  /**
   * Follows what is started through one workflow after the other.
   * @param starts `event:<type>`, `operation:<integration>#<operationId>`
   * @param integrationId whose own workflows are left out
   */
  async reachedFrom(starts: readonly string[], integrationId: string): Promise<Neighbours> {
    const found: NeighbourWorkflow[] = [];
    const asked = new Set<string>();
    for (let open = [...starts]; open.length > 0; ) {
      for (const start of open) asked.add(start);
      const reached = await this.#startedBy(open, integrationId);
      found.push(...reached);
      if (found.length > MOST_WORKFLOWS || sizeOf(found) > MOST_BYTES)
        return { workflows: [], complete: false };
      open = [...new Set(reached.flatMap((workflow) => workflow.starts))].filter(
        (start) => !asked.has(start),
      );
    }
    return { workflows: found, complete: true };
  }

  async #startedBy(starts: readonly string[], integrationId: string): Promise<readonly NeighbourWorkflow[]> {
    const rows = await this.work.query<Row>(
      `SELECT integration_id, release, link FROM validation_read.workflow_link
       WHERE acting AND started_by = ANY($1) AND integration_id <> $2
       ORDER BY integration_id, release, workflow LIMIT $3`,
      [starts, integrationId, MOST_WORKFLOWS + 1],
    );
    return rows.map(({ integration_id, release, link }) => ({
      ...(JSON.parse(link) as WorkflowLink),
      integrationId: integration_id,
      release,
    }));
  }
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
