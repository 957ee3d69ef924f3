import type { Projection } from '@kwanus/event-store';
import { windowOfEvent } from '../telemetry/telemetry-log.js';

/** When each permission was last used, however long ago, and when each release was last heard of. Fed from the telemetry log. */
export const permissionUse: Projection = {
  name: 'permission-use',
  version: 1,
  tables: {
    permission_use: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, permission text NOT NULL, last_used_ms bigint NOT NULL,
      PRIMARY KEY (integration_id, permission))`,
    release_heard: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, heard_until_ms bigint NOT NULL,
      PRIMARY KEY (integration_id, release))`,
  },
  apply: async (event, write) => {
    const window = windowOfEvent(event);
    if (window === null) return;
    const { integration, release, to, totals } = window;
    const used = totals.permissions.filter(({ allowed }) => allowed > 0).map(({ name }) => name);
    await write.query(
      `INSERT INTO ${write.table('permission_use')} AS u (integration_id, permission, last_used_ms)
       SELECT $1, p, $2 FROM unnest($3::text[]) AS n(p)
       ON CONFLICT (integration_id, permission) DO UPDATE SET last_used_ms = greatest(u.last_used_ms, EXCLUDED.last_used_ms)`,
      [integration, to, used],
    );
    await write.query(
      `INSERT INTO ${write.table('release_heard')} AS h (integration_id, release, heard_until_ms) VALUES ($1, $2, $3)
       ON CONFLICT (integration_id, release) DO UPDATE SET heard_until_ms = greatest(h.heard_until_ms, EXCLUDED.heard_until_ms)`,
      [integration, release, to],
    );
  },
};
