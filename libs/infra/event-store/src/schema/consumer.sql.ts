import { logLockKey } from './append.sql.js';
import type { LogNames } from './names.js';

/** A handler that takes longer holds back every gap-safe reader of the cluster. */
const LONGEST_TRANSACTION = '5s';

/**
 * Begins a consumer's transaction: its limit, the log's lock, those of the keys in the order given; then, as they are once these are
 * held, which keys have something parked and how far the streams have come. Assigns no transaction id.
 */
const beginSql = (names: LogNames): string => `
CREATE FUNCTION ${names.quoted}.es_consumer_begin(p_tenant text, p_consumer text, p_locks text[], p_keys text[], p_streams text[])
RETURNS TABLE (held_key text, stream_id text, version text, event_id text, hash text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_lock text;
BEGIN
  -- Of a transaction that has begun, the timer is set anew only when it is off.
  PERFORM set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '${LONGEST_TRANSACTION}', true);
  PERFORM pg_advisory_xact_lock_shared(${logLockKey(names)});
  FOREACH v_lock IN ARRAY p_locks LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(v_lock, 0));
  END LOOP;
  RETURN QUERY
    SELECT DISTINCT m.key, NULL::text, NULL::text, NULL::text, NULL::text FROM ${names.quoted}.es_parked m
      WHERE m.consumer = p_consumer AND m.key = ANY(p_keys) AND m.reason <> 'alone'
    UNION ALL
    SELECT NULL, p.stream_id, p.version::text, p.event_id::text, p.hash FROM ${names.quoted}.es_stream_pos p
      WHERE p.consumer = p_consumer AND p.tenant_id = p_tenant AND p.stream_id = ANY(p_streams);
END $$;`;

/** Notes what was handled, and the last of each stream as its position. Returns the streams that somebody else has moved meanwhile. */
const settleSql = ({ quoted: s }: LogNames): string => `
CREATE FUNCTION ${s}.es_consumer_settle(
  p_tenant text, p_consumer text, p_event_ids uuid[], p_streams text[], p_versions bigint[], p_hashes text[]
) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO ${s}.es_inbox (consumer, tenant_id, event_id, stream_id, version, hash)
    SELECT p_consumer, p_tenant, u.event_id, u.stream, u.version, u.hash
    FROM unnest(p_event_ids, p_streams, p_versions, p_hashes) AS u(event_id, stream, version, hash) ON CONFLICT DO NOTHING;
  RETURN QUERY
    WITH last AS (
      SELECT DISTINCT ON (u.stream) u.* FROM unnest(p_event_ids, p_streams, p_versions, p_hashes) AS u(event_id, stream, version, hash)
      ORDER BY u.stream, u.version DESC),
    moved AS (
      INSERT INTO ${s}.es_stream_pos AS p (consumer, tenant_id, stream_id, version, event_id, hash)
        SELECT p_consumer, p_tenant, l.stream, l.version, l.event_id, l.hash FROM last l
        ON CONFLICT (consumer, tenant_id, stream_id) DO UPDATE
          SET version = excluded.version, event_id = excluded.event_id, hash = excluded.hash WHERE p.version < excluded.version
        RETURNING p.stream_id)
    SELECT l.stream FROM last l WHERE NOT EXISTS (SELECT 1 FROM moved m WHERE m.stream_id = l.stream);
END $$;`;

/** The functions of a consumer's transaction: one round trip at its beginning, one at its end. */
export const consumerSql = (names: LogNames): string => `${beginSql(names)}\n${settleSql(names)}`;

/** The calls of those functions, prepared in each connection. */
export interface ConsumerStatements {
  /** Tenant, consumer, names of the keys' locks, keys, streams. */
  readonly begin: string;
  /** Tenant, consumer; of each message event id, stream, version, hash. */
  readonly settle: string;
}

/** @param quotedSchema of the log */
export const consumerStatements = (quotedSchema: string): ConsumerStatements => ({
  begin: `SELECT * FROM ${quotedSchema}.es_consumer_begin($1,$2,$3,$4,$5)`,
  settle: `SELECT * FROM ${quotedSchema}.es_consumer_settle($1,$2,$3,$4,$5,$6) AS moved_on`,
});
