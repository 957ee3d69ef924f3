import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';

/** The records of releases, with the rollouts that each was in. */
export const releaseRecords: Projection = {
  name: 'releases',
  version: 1,
  tables: {
    release: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, previous text, subject text NOT NULL, record text NOT NULL,
      risk text NOT NULL, accountable text NOT NULL, recorded_at text NOT NULL, withdrawn boolean NOT NULL,
      stream_version integer NOT NULL, PRIMARY KEY (integration_id, release))`,
    release_rollout: (name) => `CREATE TABLE ${name} (
      rollout_id text PRIMARY KEY, integration_id text NOT NULL, release text NOT NULL, opened_at text NOT NULL)`,
  },
  apply: async (event, write) => {
    if (event.streamType !== 'releases') return;
    await CHANGES[event.type]?.(event, write);
  },
};

type Change = (event: StoredEvent, write: ProjectionWriter) => Promise<unknown>;

const recorded: Change = ({ data, version }, write) =>
  write.query(
    `INSERT INTO ${write.table('release')} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, false, $9)
     ON CONFLICT (integration_id, release) DO NOTHING`,
    [
      data['integrationId'],
      data['release'],
      data['previous'],
      data['subject'],
      JSON.stringify(data['record']),
      JSON.stringify(data['risk']),
      JSON.stringify(data['accountable']),
      data['at'],
      version,
    ],
  );

const opened: Change = async ({ data, version }, write) => {
  const { integrationId, release, rolloutId, at } = data;
  await write.query(
    `INSERT INTO ${write.table('release_rollout')} VALUES ($1, $2, $3, $4) ON CONFLICT (rollout_id) DO NOTHING`,
    [rolloutId, integrationId, release, at],
  );
  await write.query(
    `UPDATE ${write.table('release')} SET withdrawn = false, stream_version = $3
     WHERE integration_id = $1 AND release = $2`,
    [integrationId, release, version],
  );
};

const noted: Change = async ({ data, version }, write) => {
  if (data['kind'] !== 'release-withdrawn') return;
  await write.query(
    `UPDATE ${write.table('release')} SET withdrawn = true, stream_version = $3
     WHERE integration_id = $1 AND release = $2`,
    [data['integrationId'], data['release'], version],
  );
};

const CHANGES: Readonly<Record<string, Change>> = {
  ReleaseRecorded: recorded,
  RolloutOpened: opened,
  LifecycleNoted: noted,
};
