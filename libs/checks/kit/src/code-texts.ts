import { addressesIn, codeLines } from './code-lines.js';

/** A text of a bundle that matters, and the line on which it begins. */
export interface CodeText {
  readonly text: string;
  readonly line: number;
}

/** What the texts of a bundle name. */
export interface CodeTexts {
  /** Parts of lines that were looked at. */
  readonly lines: number;
  readonly addresses: readonly CodeText[];
  /** What of a database stands there, in words. */
  readonly databases: readonly CodeText[];
  /** There are more of them than are listed. */
  readonly isCut: boolean;
}

const MOST_LISTED = 5_000;

const CONNECTION =
  /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|sqlserver|mssql|oracle|cassandra|cockroachdb|clickhouse|couchbase|neo4j|bolt|memcached|ldaps?|jdbc:[a-z0-9:]+|odbc:[a-z0-9:]*):(?:(?:\\?\/){2}|@)/i;
const DRIVER =
  /\b(?:jdbc:|odbc:|org\.postgresql\.|com\.mysql\.|oracle\.jdbc|pgbouncer|DATABASE_URL|PGHOST|PGPASSWORD|MYSQL_HOST|MONGO_URL|REDIS_URL)/i;
const PORTS = new Map([
  [5432, 'PostgreSQL'],
  [6432, 'PgBouncer'],
  [3306, 'MySQL'],
  [33060, 'MySQL X'],
  [27017, 'MongoDB'],
  [27018, 'MongoDB'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [6379, 'Redis'],
  [9042, 'Cassandra'],
  [7687, 'Neo4j'],
  [26257, 'CockroachDB'],
  [11211, 'memcached'],
]);
const HOST_AND_PORT = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^\s/?#]+:0*(\d{2,5})(?:[/?#]|$)/i;
const DRIVER_MODULES =
  /^(?:node:sqlite|pg|pg-(?:native|pool|promise|cursor)|postgres|mysql2?|mariadb|mongodb|mongoose|i?oredis|redis|tedious|mssql|oracledb|cassandra-driver|neo4j-driver|knex|sequelize|typeorm|prisma|@prisma\/client|better-sqlite3|sqlite3|memcached|couchbase|@clickhouse\/client|ldapjs)(?:\/|$)/;

/** @returns what of a database the text names, in words; null: nothing */
export function databaseIn(text: string): string | null {
  const connection = CONNECTION.exec(text)?.[0];
  if (connection !== undefined) return `a connection string (${connection}…)`;
  const driver = DRIVER.exec(text)?.[0];
  if (driver !== undefined) return `a database driver or its setting (${driver})`;
  const port = Number(HOST_AND_PORT.exec(text.trim())?.[1]);
  const product = PORTS.get(port);
  return product === undefined ? null : `the port ${port} of ${product}`;
}

/** @returns whether the module is a driver of a database */
export const isDatabaseDriver = (module: string): boolean => DRIVER_MODULES.test(module);

/**
 * @param computed texts that the code puts together, as far as they can be told without running it
 * @returns the addresses and databases that code names, in the order of its lines
 */
export function codeTexts(code: string, computed: readonly CodeText[] = []): CodeTexts {
  const parts = [...codeLines(code), ...computed];
  const addresses = new Map<string, CodeText>();
  const databases = new Map<string, CodeText>();
  for (const { text, line } of parts) {
    for (const address of addressesIn(text)) note(addresses, { text: address, line });
    const database = databaseIn(text);
    if (database !== null) note(databases, { text: database, line });
  }
  return {
    lines: parts.length,
    addresses: inOrder(addresses),
    databases: inOrder(databases),
    isCut: addresses.size > MOST_LISTED || databases.size > MOST_LISTED,
  };
}

const note = (known: Map<string, CodeText>, found: CodeText): void => {
  if (known.size <= MOST_LISTED) known.set(`${found.line} ${found.text}`, found);
};
const inOrder = (known: ReadonlyMap<string, CodeText>): readonly CodeText[] =>
  [...known.values()].slice(0, MOST_LISTED).sort((a, b) => a.line - b.line);
