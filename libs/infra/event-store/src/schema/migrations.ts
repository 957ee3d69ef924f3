import { appendSql } from './append.sql.js';
import { consumerSql } from './consumer.sql.js';
import type { LogNames } from './names.js';
import { inboxPlacesSql, tablesSql, workTablesSql } from './tables.sql.js';

/** One step of the schema, forward only. */
export interface Migration {
  readonly name: string;
  readonly sql: (names: LogNames) => string;
}

/** In this order; a released one is never edited. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '001-log', sql: tablesSql },
  { name: '002-work', sql: workTablesSql },
  { name: '003-append', sql: appendSql },
  { name: '004-inbox-places', sql: inboxPlacesSql },
  { name: '005-consumer', sql: consumerSql },
];
