import { type LogNames, quoteText } from './names.js';

const MICROSECONDS = (time: string): string => `(extract(epoch FROM ${time}) * 1000000)::bigint`;

/** One length-prefixed field: four bytes of length, then the bytes. */
const field = (bytes: string): string => `int4send(octet_length(${bytes})) || ${bytes}`;
const text = (value: string): string => `int4send(octet_length(${value})) || convert_to(${value}, 'UTF8')`;
const integer = (value: string): string => `'\\x00000008'::bytea || int8send(${value})`;

interface Hashed {
  readonly prevHash: string;
  readonly version: string;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: string;
  readonly data: string;
  readonly meta: string;
}

/** The same bytes as `eventHash` of @kwanus/canonical. */
const hashSql = (event: Hashed): string => `sha256(
      ${event.prevHash}
      || ${integer('1')} || ${text('p_tenant')} || ${text('p_stream_type')} || ${text('p_stream')}
      || ${integer(event.version)} || ${field(`uuid_send(${event.eventId})`)}
      || ${text(event.type)} || ${integer(`${event.schemaVersion}::bigint`)}
      || ${text(event.data)} || ${text(event.meta)}
      || ${integer('v_occurred_us')} || ${integer('v_recorded_us')})`;

const lockKey = ({ lockPrefix }: LogNames, tenant: string, stream: string): string =>
  `hashtextextended(${quoteText(`${lockPrefix}stream:`)} || ${tenant} || '/' || ${stream}, 0)`;

/** The advisory lock of the whole log, as an SQL expression: shared by appends, exclusive for raising the epoch. */
export const logLockKey = ({ lockPrefix }: LogNames): string =>
  `hashtextextended(${quoteText(`${lockPrefix}log`)}, 0)`;

/** Step 0 for several streams: the log's lock, then the streams', in the order given (distinct and sorted by the caller). */
export const lockSql = (names: LogNames): string => `
CREATE OR REPLACE FUNCTION ${names.quoted}.es_lock(p_tenant text, p_streams text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_stream text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(${logLockKey(names)});
  FOREACH v_stream IN ARRAY p_streams LOOP
    PERFORM pg_advisory_xact_lock(${lockKey(names, 'p_tenant', 'v_stream')});
  END LOOP;
END $$;`;

const DECLARATIONS = (names: LogNames): string => `
DECLARE
  v_head ${names.quoted}.es_stream%ROWTYPE;
  v_exists boolean;
  v_epoch smallint;
  v_xid xid8;
  v_version bigint;
  v_recorded timestamptz;
  v_occurred timestamptz;
  v_recorded_us bigint;
  v_occurred_us bigint;
  v_prev bytea;
  v_known record;`;

/** Steps 0 to 4, the same for one event and for several; `sameCommand` is the test of a repetition's content. */
const beforeInsert = (names: LogNames, sameCommand: string): string => `
  -- 0: no transaction id yet, and streams that do not exist can be locked too
  IF pg_advisory_xact_lock_shared(${logLockKey(names)}) IS NULL THEN NULL; END IF;
  IF pg_advisory_xact_lock(${lockKey(names, 'p_tenant', 'p_stream')}) IS NULL THEN NULL; END IF;
  -- 1: the head
  SELECT * INTO v_head FROM ${names.quoted}.es_stream s WHERE s.tenant_id = p_tenant AND s.stream_id = p_stream;
  v_exists := FOUND;
  IF v_exists THEN
    -- 2: a repeated command is answered with what it came to, whatever version is expected
    SELECT count(*) AS events, max(e.version) AS version, max(e.recorded_at) AS recorded_at,
        string_agg(e.event_id::text, ',' ORDER BY e.command_index) AS ids, coalesce(bool_and(${sameCommand}), false) AS same
      INTO v_known FROM ${names.quoted}.es_event e
      WHERE e.tenant_id = p_tenant AND e.stream_id = p_stream AND e.command_id = p_command_id;
    IF v_known.events > 0 THEN
      IF v_known.same AND v_known.events = p_count THEN
        RETURN v_known.version || ' 1 ' || ${MICROSECONDS('v_known.recorded_at')} || ' ' || v_known.ids;
      END IF;
      RAISE EXCEPTION 'command % was appended to % before, with other events', p_command_id, p_stream USING ERRCODE = 'KWCMD';
    END IF;
  ELSE
    v_head.version := 0;
    v_head.head_hash := decode(repeat('00', 32), 'hex');
  END IF;
  -- 3: expected version (-1 any, -2 the stream exists, 0 no stream, n exactly)
  IF (p_expected >= 0 AND p_expected <> v_head.version) OR (p_expected = -2 AND NOT v_exists) THEN
    PERFORM ${names.quoted}.es_touch(p_tenant, p_stream, p_stream_type);
    RAISE EXCEPTION '% is at version %, expected %', p_stream, v_head.version, p_expected
      USING ERRCODE = 'KWVER', DETAIL = v_head.version::text;
  END IF;
  v_epoch := pg_sequence_last_value('${names.quoted}.es_epoch'::regclass);
  v_xid := pg_current_xact_id();
  -- 4: guard
  IF v_exists AND (v_head.head_epoch > v_epoch OR (v_head.head_epoch = v_epoch AND v_head.head_xid > v_xid)) THEN
    RAISE EXCEPTION 'ordering guard: % was last written by a younger transaction', p_stream
      USING ERRCODE = '40001', CONSTRAINT = 'es_guard';
  END IF;
  -- 5: insert
  v_recorded := greatest(v_head.head_recorded_at, clock_timestamp());
  v_occurred := coalesce(p_occurred_at, v_recorded);
  v_recorded_us := ${MICROSECONDS('v_recorded')};
  v_occurred_us := ${MICROSECONDS('v_occurred')};
  v_version := v_head.version;
  v_prev := v_head.head_hash;`;

const writeHead = (names: LogNames): string => `
      UPDATE ${names.quoted}.es_stream SET version = v_version, head_epoch = v_epoch, head_xid = v_xid, head_hash = v_prev,
          head_recorded_at = v_recorded
        WHERE tenant_id = p_tenant AND stream_id = p_stream RETURNING 1`;

const makeHead = (names: LogNames): string => `
      INSERT INTO ${names.quoted}.es_stream (tenant_id, stream_id, stream_type, version, head_epoch, head_xid, head_hash, head_recorded_at)
        VALUES (p_tenant, p_stream, p_stream_type, v_version, v_epoch, v_xid, v_prev, v_recorded)
        ON CONFLICT DO NOTHING RETURNING 1`;

const EVENT_COLUMNS = `(epoch, xid, tenant_id, stream_id, version, routing_key, event_id, type, schema_version, data, meta,
        command_id, command_index, correlation_id, causation_id, occurred_at, recorded_at, hash_alg, prev_hash, hash)`;

const insertOne = (names: LogNames, head: string): string => `
    WITH head AS (${head})
    INSERT INTO ${names.quoted}.es_event ${EVENT_COLUMNS}
      SELECT v_epoch, v_xid, p_tenant, p_stream, v_version, p_routing_key, p_event_id, p_type, p_schema_version, p_data, p_meta,
        p_command_id, 0, p_correlation_id, p_causation_id, v_occurred, v_recorded, 1, v_head.head_hash, v_prev FROM head;
    v_written := FOUND;`;

const insertSeveral = (names: LogNames, head: string): string => `
    WITH head AS (${head})
    INSERT INTO ${names.quoted}.es_event ${EVENT_COLUMNS}
      SELECT v_epoch, v_xid, p_tenant, p_stream, v_head.version + u.n, p_routing_key, u.event_id, u.type, u.schema_version, u.data, u.meta,
        p_command_id, u.n - 1, p_correlation_id, p_causation_id, v_occurred, v_recorded, 1, u.prev, u.hash
      FROM head, unnest(p_event_ids, p_types, p_schema_versions, p_datas, p_metas, v_prevs, v_hashes)
        WITH ORDINALITY AS u(event_id, type, schema_version, data, meta, prev, hash, n) ORDER BY u.n;
    v_written := FOUND;`;

/** ON CONFLICT stands on the head only, and no row there means that a snapshot was too old: never on an event. */
const raiseIfUnwritten = `
  IF NOT v_written THEN
    RAISE EXCEPTION 'stream % was begun by another transaction', p_stream USING ERRCODE = '40001';
  END IF;`;

/** Locks the head's row before a conflict is reported, so that REPEATABLE READ gives 40001 and not a conflict that is none. */
const touchSql = ({ quoted: s }: LogNames): string => `
CREATE OR REPLACE FUNCTION ${s}.es_touch(p_tenant text, p_stream text, p_stream_type text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM ${s}.es_stream WHERE tenant_id = p_tenant AND stream_id = p_stream FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO ${s}.es_stream VALUES (p_tenant, p_stream, p_stream_type, 0, 0, '0', '', now()) ON CONFLICT DO NOTHING;
  END IF;
END $$;`;

const appendOneSql = (names: LogNames): string => `
CREATE OR REPLACE FUNCTION ${names.quoted}.es_append_one(
  p_tenant text, p_stream text, p_stream_type text, p_routing_key text, p_expected bigint, p_command_id uuid,
  p_correlation_id uuid, p_causation_id uuid, p_occurred_at timestamptz,
  p_event_id uuid, p_type text, p_schema_version integer, p_data text, p_meta text
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
${DECLARATIONS(names)}
  v_written boolean;
  p_count CONSTANT integer := 1;
BEGIN${beforeInsert(names, 'e.type = p_type AND e.schema_version = p_schema_version AND e.data = p_data')}
  v_version := v_version + 1;
  v_prev := ${hashSql({ prevHash: 'v_prev', version: 'v_version', eventId: 'p_event_id', type: 'p_type', schemaVersion: 'p_schema_version', data: 'p_data', meta: 'p_meta' })};
  IF v_exists THEN ${insertOne(names, writeHead(names))}
  ELSE ${insertOne(names, makeHead(names))}
  END IF;
${raiseIfUnwritten}
  RETURN v_version || ' 0 ' || v_recorded_us || ' ' || p_event_id;
END $$;`;

const SAME_OF_SEVERAL = `e.command_index < p_count AND e.type = p_types[e.command_index + 1]
          AND e.schema_version = p_schema_versions[e.command_index + 1] AND e.data = p_datas[e.command_index + 1]`;

const appendSeveralSql = (names: LogNames): string => `
CREATE OR REPLACE FUNCTION ${names.quoted}.es_append_several(
  p_tenant text, p_stream text, p_stream_type text, p_routing_key text, p_expected bigint, p_command_id uuid,
  p_correlation_id uuid, p_causation_id uuid, p_occurred_at timestamptz,
  p_event_ids uuid[], p_types text[], p_schema_versions integer[], p_datas text[], p_metas text[]
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
${DECLARATIONS(names)}
  v_written boolean;
  p_count CONSTANT integer := cardinality(p_event_ids);
  v_prevs bytea[] := '{}';
  v_hashes bytea[] := '{}';
BEGIN${beforeInsert(names, SAME_OF_SEVERAL)}
  FOR i IN 1 .. p_count LOOP
    v_version := v_version + 1;
    v_prevs[i] := v_prev;
    v_prev := ${hashSql({ prevHash: 'v_prev', version: 'v_version', eventId: 'p_event_ids[i]', type: 'p_types[i]', schemaVersion: 'p_schema_versions[i]', data: 'p_datas[i]', meta: 'p_metas[i]' })};
    v_hashes[i] := v_prev;
  END LOOP;
  IF v_exists THEN ${insertSeveral(names, writeHead(names))}
  ELSE ${insertSeveral(names, makeHead(names))}
  END IF;
${raiseIfUnwritten}
  RETURN v_version || ' 0 ' || v_recorded_us || ' ' || array_to_string(p_event_ids, ',');
END $$;`;

/** The functions of append, in the order of steps of docs/reference/event-log.md. */
export const appendSql = (names: LogNames): string =>
  [lockSql(names), touchSql(names), appendOneSql(names), appendSeveralSql(names)].join('\n');
