import type { PostgresUnitOfWork } from '../log/unit-of-work.js';

/** The oldest write transaction of the cluster: events younger than it are hidden from gap-safe readers. */
export interface Horizon {
  readonly ageSeconds: number;
  /** Null for a prepared transaction. */
  readonly pid: number | null;
  readonly who: string;
}

interface Row {
  readonly age: number | null;
  readonly pid: number | null;
  readonly who: string;
  readonly xid: string;
}

/** Looks for the transaction that holds the horizon back. */
export class HorizonWatch {
  #seen: { readonly xid: string; readonly at: number } | null = null;

  constructor(private readonly work: PostgresUnitOfWork) {}

  /**
   * @returns null when there is none. PostgreSQL does not say to an ordinary role when another role's transaction began: then its
   * age counts from when it was first seen here
   */
  async oldest(): Promise<Horizon | null> {
    const [row] = await this.work.query<Row>(
      `SELECT extract(epoch FROM clock_timestamp() - began)::float8 AS age, pid, who, xid::text AS xid FROM (
         SELECT xact_start AS began, pid, coalesce(application_name, '') AS who, backend_xid AS xid FROM pg_stat_activity
          WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
         UNION ALL SELECT prepared, NULL, 'prepared transaction ' || gid, transaction FROM pg_prepared_xacts
       ) writers ORDER BY age(xid) DESC LIMIT 1`,
    );
    if (row === undefined) {
      this.#seen = null;
      return null;
    }
    const now = performance.now();
    if (this.#seen?.xid !== row.xid) this.#seen = { xid: row.xid, at: now };
    return { ageSeconds: row.age ?? (now - this.#seen.at) / 1_000, pid: row.pid, who: row.who };
  }
}
