import { randomBytes } from 'node:crypto';
import type { Configuration } from '@kwanus/config';
import { openEmbeddedDatabase } from '@kwanus/database';
import type { LoggerService } from '@nestjs/common';
import pg from 'pg';

/** The URLs that the services are given, and how to let go of the database. */
export interface PlatformDatabase {
  /** The application's role: may insert and select only. */
  readonly url: string;
  /** The owner of the schemas. */
  readonly migrationUrl: string;
  readonly close: () => Promise<void>;
}

const APPLICATION_ROLE = 'kwanus_app';

/**
 * The database that the configuration names, or the embedded one in the data folder.
 * @param lost called when the embedded database is gone for good (another host took it)
 * @throws DatabaseUnusable
 */
export async function openDatabase(
  config: Configuration<'platform'>,
  dataFolder: string,
  { logger, lost }: { readonly logger: LoggerService; readonly lost: () => void },
): Promise<PlatformDatabase> {
  if (config.databaseUrl !== undefined)
    return {
      url: config.databaseUrl,
      migrationUrl: config.migrationUrl ?? config.databaseUrl,
      close: () => Promise.resolve(),
    };

  const embedded = await openEmbeddedDatabase({
    folder: dataFolder,
    hostPort: config.port,
    onNews: ({ kind, message }) => {
      if (kind === 'started' || kind === 'adopted') logger.log(message, 'database');
      else logger.warn(message, 'database');
      if (kind === 'lost') lost();
    },
  });
  return { url: await applicationUrl(embedded.url), migrationUrl: embedded.url, close: embedded.close };
}

/** Gives the application's role a fresh password at every start, so that none has to be kept. */
async function applicationUrl(ownerUrl: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on('error', () => undefined); // what is under way hears of it
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [APPLICATION_ROLE]);
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(`${verb} ROLE ${APPLICATION_ROLE} LOGIN PASSWORD '${password}'`);
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = APPLICATION_ROLE;
  url.password = password;
  return url.href;
}
