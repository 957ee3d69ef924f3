import { canonicalJson, uuidv5, uuidv7 } from '@kwanus/canonical';
import { inTransaction } from '@kwanus/migrations';
import pg from 'pg';
import { logLockKey } from '../schema/append.sql.js';
import type { LogNames } from '../schema/names.js';
import { TENANT } from '../tenant.js';
import { endConnection } from './end-connection.js';

/** The type of the event that says so, in stream `log-<schema>`. */
export const EPOCH_RAISED = 'LogEpochRaised';

interface LogState {
  readonly epoch: number;
  readonly latest: string;
  readonly recorded: string;
  readonly actual: string;
  readonly ahead: boolean;
}

/** Why the epoch was raised. */
export type EpochReason = 'another-cluster' | 'transaction-ids-ahead';

/**
 * Before serving: if this is another cluster than the log was written in, or its events carry transaction ids of the future, the
 * epoch is raised, under the exclusive lock (no append in flight), and the raise is recorded as an event.
 * @param migrationUrl a direct connection of the schema's owner
 * @returns the reason, null when nothing had to be done
 */
export async function settleEpoch(migrationUrl: string, names: LogNames): Promise<EpochReason | null> {
  const client = new pg.Client({
    connectionString: migrationUrl,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    lock_timeout: 30_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await inTransaction(client, async () => {
      await client.query(`SELECT pg_advisory_xact_lock(${logLockKey(names)})`);
      return settle(client, names);
    });
  } finally {
    await endConnection(client);
  }
}

async function settle(client: pg.Client, names: LogNames): Promise<EpochReason | null> {
  const state = await readState(client, names);
  // The sequence does not roll back: a raise that was cut off left it ahead of what readers use.
  if (Number(state.latest) !== state.epoch)
    await client.query(`UPDATE ${names.quoted}.es_log SET epoch = $1`, [state.latest]);
  const reason = reasonToRaise(state);
  if (reason !== null) await raise(client, names, state, reason);
  return reason;
}

function reasonToRaise({ recorded, actual, ahead }: LogState): EpochReason | null {
  if (recorded !== actual) return 'another-cluster';
  return ahead ? 'transaction-ids-ahead' : null;
}

async function readState(client: pg.Client, { quoted: s }: LogNames): Promise<LogState> {
  const { rows } = await client.query<LogState>(
    `SELECT l.epoch, q.last_value AS latest, l.system_identifier AS recorded, c.system_identifier::text AS actual,
       coalesce((SELECT e.xid >= pg_snapshot_xmax(pg_current_snapshot()) FROM ${s}.es_event e WHERE e.epoch = q.last_value
         ORDER BY e.epoch DESC, e.xid DESC, e.global_position DESC LIMIT 1), false) AS ahead
     FROM ${s}.es_log l, ${s}.es_epoch q, pg_control_system() c`,
  );
  const [state] = rows;
  if (state === undefined) throw new TypeError(`${s}.es_log has no row.`);
  return state;
}

async function raise(
  client: pg.Client,
  names: LogNames,
  state: LogState,
  reason: EpochReason,
): Promise<void> {
  const { quoted: s, schema } = names;
  const { rows } = await client.query<{ epoch: number }>(
    `UPDATE ${s}.es_log SET epoch = nextval('${s}.es_epoch')::smallint, system_identifier = $1 RETURNING epoch`,
    [state.actual],
  );
  const epoch = rows[0]?.epoch ?? 0;
  const streamId = `log-${schema}`;
  const commandId = uuidv5(`${schema} epoch ${epoch} ${state.actual}`);
  const meta = {
    actor: { id: `system:${schema}`, kind: 'system' },
    correlationId: commandId,
    causationId: null,
    commandId,
    commandIndex: 0,
    routingKey: streamId,
  };
  const data = { epoch, previous: Number(state.latest), reason, systemIdentifier: state.actual };
  await client.query(
    `SELECT ${s}.es_append_one($1, $2, 'log', $2, -1, $3, $3, NULL, NULL, $4, $5, 1, $6, $7)`,
    [TENANT, streamId, commandId, uuidv7(), EPOCH_RAISED, canonicalJson(data), canonicalJson(meta)],
  );
}
