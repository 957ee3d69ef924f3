import type { PostgresUnitOfWork } from '../log/unit-of-work.js';

/** The oldest write transaction of the cluster: events younger than it are hidden from gap-safe readers. */
export interface Horizon {
  readonly ageSeconds: number;
  /** Null for a prepared transaction. */
  readonly pid: number | null;
  readonly who: string;
}

interface Row {
  readonly age: number;
  readonly pid: number | null;
  readonly who: string;
}

/** @returns the transaction that holds the horizon back; null when there is none */
export async function oldestWriter(work: PostgresUnitOfWork): Promise<Horizon | null> {
  const [row] = await work.query<Row>(
    `SELECT extract(epoch FROM clock_timestamp() - began)::float8 AS age, pid, who FROM (
       SELECT xact_start AS began, pid, coalesce(application_name, '') AS who, backend_xid AS xid FROM pg_stat_activity
        WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
       UNION ALL SELECT prepared, NULL, 'prepared transaction ' || gid, transaction FROM pg_prepared_xacts
     ) writers ORDER BY began NULLS LAST LIMIT 1`,
  );
  return row === undefined ? null : { ageSeconds: Number(row.age ?? 0), pid: row.pid, who: row.who };
}
