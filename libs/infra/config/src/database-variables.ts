import { forms, optional, required, secret } from './variable.js';

const postgres = forms.url('postgres:', 'postgresql:');
const POSTGRES = { shape: 'a PostgreSQL URL', example: 'postgresql://kwanus@127.0.0.1:5432/kwanus' };

const database = { ...POSTGRES, description: 'The database, as the application’s role.' };

/** The database: optional where the platform can start its own. */
export const databaseUrl = {
  optional: secret(
    optional(
      'KWANUS_DATABASE_URL',
      {
        ...database,
        whenUnset: 'the platform starts its own, in the data folder; a service alone refuses to start',
      },
      postgres,
    ),
  ),
  required: secret(required('KWANUS_DATABASE_URL', database, postgres)),
};

const databaseText = {
  migrationUrl:
    'The owner of the schemas, direct, not through a transaction pooler: migrations, LISTEN, session locks.',
  artifactsUrl: 'The connection of the artefact store.',
  artifactsMigrationUrl:
    'The owner of the artefact store’s schema; whoever has it brings the schema up to date.',
  busUrl: 'The connection of the PostgreSQL transport.',
};

/** The same database under other roles, and what may lie elsewhere. */
export const furtherDatabases = {
  migrationUrl: secret(
    optional(
      'KWANUS_MIGRATION_URL',
      { ...POSTGRES, description: databaseText.migrationUrl, whenUnset: 'KWANUS_DATABASE_URL' },
      postgres,
    ),
  ),
  artifactsUrl: secret(
    optional(
      'KWANUS_ARTIFACTS_URL',
      { ...POSTGRES, description: databaseText.artifactsUrl, whenUnset: 'KWANUS_DATABASE_URL' },
      postgres,
    ),
  ),
  artifactsMigrationUrl: secret(
    optional(
      'KWANUS_ARTIFACTS_MIGRATION_URL',
      {
        ...POSTGRES,
        description: databaseText.artifactsMigrationUrl,
        whenUnset:
          'KWANUS_MIGRATION_URL where KWANUS_ARTIFACTS_URL names no other database; else the schema is left to others',
      },
      postgres,
    ),
  ),
  busUrl: secret(
    optional(
      'KWANUS_BUS_URL',
      { ...POSTGRES, description: databaseText.busUrl, whenUnset: 'KWANUS_DATABASE_URL' },
      postgres,
    ),
  ),
};
