import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';

/** What should be, or was, taken from releases, as lists show it. */
export const revocationsProjection: Projection = {
  name: 'revocations',
  version: 1,
  tables: {
    revocation: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, permission text NOT NULL, status text NOT NULL,
      proposed_at text NOT NULL, PRIMARY KEY (integration_id, release, permission));
      CREATE INDEX ON ${name} (proposed_at)`,
  },
  apply: async (event, write) => {
    await APPLY[event.type]?.(event, write);
  },
};

type Apply = (event: StoredEvent, write: ProjectionWriter) => Promise<unknown>;

const becomes =
  (status: string): Apply =>
  ({ data }, write) =>
    write.query(
      `UPDATE ${write.table('revocation')} SET status = $4 WHERE integration_id = $1 AND release = $2 AND permission = $3`,
      [data['integrationId'], data['release'], data['permission'], status],
    );

const APPLY: Readonly<Record<string, Apply>> = {
  RevocationProposed: ({ data, recordedAt }, write) =>
    write.query(
      `INSERT INTO ${write.table('revocation')} (integration_id, release, permission, status, proposed_at)
       VALUES ($1, $2, $3, 'open', $4)
       ON CONFLICT (integration_id, release, permission) DO UPDATE SET status = 'open', proposed_at = EXCLUDED.proposed_at`,
      [data['integrationId'], data['release'], data['permission'], recordedAt],
    ),
  RevocationLapsed: becomes('lapsed'),
  RevocationRejected: becomes('rejected'),
  GrantRevoked: becomes('accepted'),
  GrantsEnded: ({ data }, write) =>
    write.query(
      `UPDATE ${write.table('revocation')} SET status = 'lapsed' WHERE integration_id = $1 AND release = $2 AND status = 'open'`,
      [data['integrationId'], data['release']],
    ),
};
