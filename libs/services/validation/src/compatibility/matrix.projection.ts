import type { Projection } from '@kwanus/event-store';

/** Rows of the compatibility matrix as lists show them. */
export const matrixProjection: Projection = {
  name: 'matrix',
  version: 1,
  tables: {
    matrix_row: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, cells text NOT NULL, stream_version integer NOT NULL,
      PRIMARY KEY (integration_id, release))`,
  },
  apply: async ({ type, data, version }, write) => {
    if (type !== 'MatrixUpdated') return;
    await write.query(
      `INSERT INTO ${write.table('matrix_row')} (integration_id, release, cells, stream_version) VALUES ($1, $2, $3, $4)
       ON CONFLICT (integration_id, release) DO UPDATE SET cells = EXCLUDED.cells, stream_version = EXCLUDED.stream_version`,
      [data['integrationId'], data['release'], JSON.stringify(data['cells']), version],
    );
  },
};
