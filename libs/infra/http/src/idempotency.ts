import { createHash } from 'node:crypto';
import type { UnitOfWork } from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';

/** Whose request it was, and what it asked for. */
export interface RequestIdentity {
  readonly caller: string;
  readonly key: string;
  /** SHA-256 over method, address and body. */
  readonly digest: string;
}

/** An answer as it is kept: the head and body of a 2xx, or a refusal of the domain. */
export interface KeptAnswer {
  readonly digest: string;
  readonly status: number;
  readonly body: JsonObject;
}

/** Two requests with one key ended at the same moment; the one that sees this begins again and finds the other's answer. */
export class IdempotencyRace extends Error {
  override readonly name = 'IdempotencyRace';
}

/** The answers of one service to requests with an Idempotency-Key, for 24 hours. */
export abstract class IdempotencyStore {
  /**
   * Makes every other request of the caller with the same key wait until the active unit of work has ended. Take it first in the
   * unit: before anything is read or sent.
   */
  abstract lock(request: RequestIdentity): Promise<void>;
  abstract find(request: RequestIdentity): Promise<KeptAnswer | null>;
  /** Joins the active unit of work. @throws IdempotencyRace when an answer stands there already */
  abstract keep(request: RequestIdentity, answer: Omit<KeptAnswer, 'digest'>): Promise<void>;
  /** Removes what is older than 24 hours. @returns how many */
  abstract prune(): Promise<number>;
}

interface Row {
  readonly request_digest: string;
  readonly status: number;
  readonly body: string;
}

/** Keeps them in `http_idempotency` of the service's own schema, in the transaction of the append. */
export class PostgresIdempotencyStore extends IdempotencyStore {
  readonly #table: string;

  /** @param schema the service's schema; a plain identifier */
  constructor(
    private readonly work: UnitOfWork,
    private readonly schema: string,
  ) {
    super();
    this.#table = `"${schema.replaceAll('"', '""')}".http_idempotency`;
  }

  /** An advisory lock assigns no transaction id: whoever waits holds no reader back. */
  async lock({ caller, key }: RequestIdentity): Promise<void> {
    await this.work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `kwanus request ${JSON.stringify([this.schema, caller, key])}`,
    ]);
  }

  async find({ caller, key }: RequestIdentity): Promise<KeptAnswer | null> {
    const [row] = await this.work.query<Row>(
      `SELECT request_digest, status, body::text AS body FROM ${this.#table}
        WHERE caller = $1 AND key = $2 AND created_at > now() - interval '24 hours'`,
      [caller, key],
    );
    if (row === undefined) return null;
    return {
      digest: row.request_digest,
      status: Number(row.status),
      body: JSON.parse(row.body) as JsonObject,
    };
  }

  async keep(
    { caller, key, digest }: RequestIdentity,
    { status, body }: Omit<KeptAnswer, 'digest'>,
  ): Promise<void> {
    const kept = await this.work.query(
      `INSERT INTO ${this.#table} AS kept (caller, key, request_digest, status, body, created_at)
       VALUES ($1, $2, $3, $4, $5, now())
       ON CONFLICT (caller, key) DO UPDATE
         SET request_digest = excluded.request_digest, status = excluded.status, body = excluded.body, created_at = excluded.created_at
         WHERE kept.created_at <= now() - interval '24 hours'
       RETURNING 1`,
      [caller, key, digest, status, JSON.stringify(body)],
    );
    if (kept.length === 0) throw new IdempotencyRace(`An answer for key ${key} was kept meanwhile.`);
  }

  async prune(): Promise<number> {
    const gone = await this.work.query(
      `DELETE FROM ${this.#table} WHERE created_at <= now() - interval '24 hours' RETURNING 1`,
    );
    return gone.length;
  }
}

const COMMAND_IDS = Buffer.from('6f0c2b1e5d5d4a0e9f7c3d1a8b2e4c60', 'hex');

/**
 * @returns the command id of a request: UUIDv5 of caller, route, key and digest, so that a repetition is recognised in the log, and
 * another request under a key whose answer is no longer kept is not taken for one
 */
export function commandIdOf({ caller, key, digest }: RequestIdentity, route: string): string {
  const name = JSON.stringify([caller, route, key, digest]);
  const bytes = createHash('sha1').update(COMMAND_IDS).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
