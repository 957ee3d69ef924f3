import pg from 'pg';

/** What a role may do that it should not: the role, the database, what it did or may do, to what. */
export type Right = `${string} in ${string}: ${string}`;

interface Row {
  readonly what: string;
}

/**
 * Everything that the catalogues let a role do in a database: to schemas, relations, columns, sequences, functions, large objects
 * aside. Functions count where the schema lets in, or the role is named: PUBLIC may execute what it can't reach.
 */
const GRANTED = `
  WITH places AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  ), relations AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind FROM pg_class c JOIN places n ON n.oid = c.relnamespace
  )
  SELECT 'CONNECT to the database' AS what WHERE has_database_privilege($1, current_database(), 'CONNECT, CREATE, TEMPORARY')
  UNION ALL
  SELECT 'USAGE of schema ' || nspname FROM places WHERE has_schema_privilege($1, oid, 'USAGE, CREATE')
  UNION ALL
  SELECT 'rights on ' || name FROM relations
   WHERE CASE WHEN relkind IN ('r', 'p', 'v', 'm', 'f')
     THEN has_table_privilege($1, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege($1, oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
  UNION ALL
  SELECT 'rights on sequence ' || name FROM relations
   WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege($1, oid, 'USAGE, SELECT, UPDATE') END
  UNION ALL
  SELECT 'EXECUTE of ' || p.oid::regprocedure FROM pg_proc p JOIN places n ON n.oid = p.pronamespace
   WHERE has_function_privilege($1, p.oid, 'EXECUTE')
     AND (has_schema_privilege($1, n.oid, 'USAGE')
       OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = $1::regrole))
  UNION ALL
  SELECT 'membership in ' || r.rolname FROM pg_roles r
   WHERE r.rolname LIKE 'kwanus%' AND r.rolname <> $1 AND pg_has_role($1, r.oid, 'MEMBER')`;

/** Every relation, sequence and function of a database, as a statement that reads and one that writes where there is one. */
const ATTEMPTS = `
  WITH places AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  )
  SELECT unnest(CASE c.relkind
      WHEN 'S' THEN ARRAY[format('SELECT last_value FROM %I.%I', n.nspname, c.relname),
                          format('SELECT nextval(''%I.%I'')', n.nspname, c.relname)]
      ELSE ARRAY[format('SELECT FROM %I.%I LIMIT 0', n.nspname, c.relname),
                 format('DELETE FROM %I.%I WHERE false', n.nspname, c.relname),
                 format('INSERT INTO %I.%I SELECT * FROM %I.%I WHERE false', n.nspname, c.relname, n.nspname, c.relname),
                 format('TRUNCATE %I.%I', n.nspname, c.relname)]
    END) AS what
    FROM pg_class c JOIN places n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT format('SELECT %I.%I(%s)', n.nspname, p.proname,
      (SELECT string_agg('NULL::' || format_type(t.type, NULL), ', ') FROM unnest(p.proargtypes) AS t(type)))
    FROM pg_proc p JOIN places n ON n.oid = p.pronamespace WHERE p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype`;

const DENIED = '42501';

/** @returns everything that the roles can do in a database, by what the catalogues say and by what happens when they try */
export async function rightsIn(
  adminUrl: string,
  database: string,
  roles: readonly string[],
): Promise<Right[]> {
  return connected(adminUrl, database, async (client) => {
    const { rows: attempts } = await client.query<Row>(ATTEMPTS);
    if (attempts.length === 0) throw new TypeError(`${database} holds nothing that could be tried`);
    const found: Right[] = [];
    for (const role of roles) {
      const { rows: granted } = await client.query<Row>(GRANTED, [role]);
      const did = await tried(client, role, attempts);
      for (const what of [...granted.map((row) => row.what), ...did])
        found.push(`${role} in ${database}: ${what}`);
    }
    return found;
  });
}

/** Runs a statement in a database of the URL's server. */
export const inDatabase = (url: string, database: string, statement: string): Promise<unknown> =>
  connected(url, database, (client) => client.query(statement));

/** @returns the code with which a login is refused; null where it is let in */
export const refusalOf = (url: string, database: string): Promise<string | null> =>
  connected(url, database, () => Promise.resolve(null)).catch((error: unknown) =>
    String((error as pg.DatabaseError).code),
  );

async function connected<T>(
  url: string,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const other = new URL(url);
  other.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: other.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function tried(client: pg.Client, role: string, attempts: readonly Row[]): Promise<string[]> {
  const done: string[] = [];
  await client.query('BEGIN');
  await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
  for (const { what } of attempts) {
    await client.query('SAVEPOINT attempt');
    const code = await client.query(what).then(
      () => null,
      (error: unknown) => (error as pg.DatabaseError).code,
    );
    await client.query('ROLLBACK TO SAVEPOINT attempt');
    if (code !== DENIED) done.push(what);
  }
  await client.query('ROLLBACK');
  return done;
}
