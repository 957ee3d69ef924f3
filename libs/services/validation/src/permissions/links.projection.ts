import type { WorkflowLink } from '@kwanus/checks-kit';
import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';

/** What starts the workflows of a submission that was judged, and whether it acts. */
export const linksProjection: Projection = {
  name: 'links',
  version: 1,
  tables: {
    workflow_link: (name) => `CREATE TABLE ${name} (
      run_id text NOT NULL, workflow text NOT NULL, integration_id text NOT NULL, release text NOT NULL,
      started_by text, link text NOT NULL, acting boolean NOT NULL, PRIMARY KEY (run_id, workflow));
      CREATE INDEX ON ${name} (started_by) WHERE acting`,
  },
  apply: async (event, write) => {
    await APPLY[event.type]?.(event, write);
  },
};

const APPLY: Readonly<Record<string, (event: StoredEvent, write: ProjectionWriter) => Promise<unknown>>> = {
  RunStarted: async ({ data }, write) => {
    for (const link of (data['links'] ?? []) as unknown as readonly WorkflowLink[])
      await write.query(
        `INSERT INTO ${write.table('workflow_link')} (run_id, workflow, integration_id, release, started_by, link, acting)
         VALUES ($1, $2, $3, $4, $5, $6, false) ON CONFLICT DO NOTHING`,
        [
          data['runId'],
          link.workflow,
          data['integrationId'],
          data['release'],
          link.startedBy,
          JSON.stringify(link),
        ],
      );
  },
  GrantsTaken: ({ data }, write) =>
    write.query(
      `UPDATE ${write.table('workflow_link')} SET acting = (run_id = $3) WHERE integration_id = $1 AND release = $2`,
      [data['integrationId'], data['release'], data['runId'] ?? ''],
    ),
  GrantsEnded: ({ data }, write) =>
    write.query(
      `UPDATE ${write.table('workflow_link')} SET acting = false WHERE integration_id = $1 AND release = $2`,
      [data['integrationId'], data['release']],
    ),
};
