import type { LogNames } from './names.js';

const headTablesSql = ({ quoted: s }: LogNames): string => `
CREATE TABLE ${s}.es_log (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  system_identifier text NOT NULL,
  epoch smallint NOT NULL
);
CREATE SEQUENCE ${s}.es_epoch AS smallint;
SELECT setval('${s}.es_epoch', 1);
INSERT INTO ${s}.es_log (system_identifier, epoch) SELECT system_identifier::text, 1 FROM pg_control_system();

CREATE TABLE ${s}.es_stream (
  tenant_id text NOT NULL,
  stream_id text NOT NULL,
  stream_type text NOT NULL,
  version bigint NOT NULL,
  head_epoch smallint NOT NULL,
  head_xid xid8 NOT NULL,
  head_hash bytea NOT NULL,
  head_recorded_at timestamptz NOT NULL,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, stream_id)
) WITH (fillfactor = 70);

`;

const eventTableSql = ({ quoted: s }: LogNames): string => `
CREATE TABLE ${s}.es_event (
  global_position bigint GENERATED ALWAYS AS IDENTITY,
  epoch smallint NOT NULL,
  xid xid8 NOT NULL,
  tenant_id text NOT NULL,
  stream_id text NOT NULL,
  version bigint NOT NULL,
  routing_key text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  schema_version integer NOT NULL,
  data text NOT NULL CHECK (octet_length(data) <= 262144),
  meta text NOT NULL,
  command_id uuid NOT NULL,
  command_index integer NOT NULL,
  correlation_id uuid NOT NULL,
  causation_id uuid,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  hash_alg smallint NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (tenant_id, stream_id, version),
  UNIQUE (event_id, tenant_id),
  UNIQUE (tenant_id, stream_id, command_id, command_index)
);
CREATE INDEX es_event_order ON ${s}.es_event (epoch, xid, global_position);
CREATE INDEX es_event_correlation ON ${s}.es_event (correlation_id, tenant_id);
CREATE INDEX es_event_recorded ON ${s}.es_event USING brin (recorded_at);

CREATE FUNCTION ${s}.es_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Events are never changed: % on %.% is refused. A correction is a new event.', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'KWIMM';
END $$;
CREATE TRIGGER es_event_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ${s}.es_event
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.es_refuse_change();
`;

/** The tables of a log: docs/reference/event-log.md, "Tables". */
export const tablesSql = (names: LogNames): string => `${headTablesSql(names)}
${eventTableSql(names)}`;

const subscriberTablesSql = ({ quoted: s }: LogNames): string => `
CREATE TABLE ${s}.es_checkpoint (
  subscriber text NOT NULL,
  version integer NOT NULL,
  epoch smallint NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  global_position bigint NOT NULL DEFAULT 0,
  fence bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (subscriber, version)
) WITH (fillfactor = 50);

CREATE TABLE ${s}.es_projection (
  name text NOT NULL,
  generation integer NOT NULL,
  shape integer NOT NULL,
  state text NOT NULL CHECK (state IN ('serving', 'building')),
  tables text[] NOT NULL,
  PRIMARY KEY (name, generation)
);
CREATE UNIQUE INDEX es_projection_serving ON ${s}.es_projection (name) WHERE state = 'serving';

`;

const consumerTablesSql = ({ quoted: s }: LogNames): string => `
CREATE TABLE ${s}.es_inbox (
  consumer text NOT NULL,
  tenant_id text NOT NULL DEFAULT 'default',
  event_id uuid NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, tenant_id, event_id)
);
CREATE INDEX es_inbox_age ON ${s}.es_inbox USING brin (handled_at);

CREATE TABLE ${s}.es_stream_pos (
  consumer text NOT NULL,
  tenant_id text NOT NULL DEFAULT 'default',
  stream_id text NOT NULL,
  version bigint NOT NULL,
  event_id uuid NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (consumer, tenant_id, stream_id)
) WITH (fillfactor = 70);

CREATE TABLE ${s}.es_parked (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  position text NOT NULL,
  key text,
  headers text NOT NULL,
  body bytea,
  reason text NOT NULL,
  error text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (consumer, topic, partition, position)
);
CREATE INDEX es_parked_key ON ${s}.es_parked (consumer, key, id);

`;

const workerTablesSql = ({ quoted: s }: LogNames): string => `
CREATE TABLE ${s}.es_job (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  payload text NOT NULL,
  state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'leased', 'done', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease uuid,
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX es_job_open ON ${s}.es_job (available_at, id) WHERE state IN ('ready', 'leased');

CREATE TABLE ${s}.es_due (
  key text PRIMARY KEY,
  kind text NOT NULL,
  due_at timestamptz NOT NULL,
  payload text NOT NULL,
  revision bigint NOT NULL DEFAULT 1,
  attempts integer NOT NULL DEFAULT 0,
  retry_at timestamptz,
  error text
);
CREATE INDEX es_due_at ON ${s}.es_due (due_at, key);

CREATE TABLE ${s}.http_idempotency (
  caller text NOT NULL,
  key text NOT NULL,
  request_digest text NOT NULL,
  status smallint NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX http_idempotency_age ON ${s}.http_idempotency (created_at);
`;

/** What subscribers, consumers, workers and HTTP remember. */
export const workTablesSql = (names: LogNames): string =>
  [subscriberTablesSql, consumerTablesSql, workerTablesSql].map((part) => part(names)).join('\n');

/**
 * An inbox knows the place of what was handled: another event in the same place is another history. What was written before, and by
 * instances of the version before that still run, has no place and says nothing.
 */
export const inboxPlacesSql = ({ quoted: s }: LogNames): string => `
ALTER TABLE ${s}.es_inbox
  ADD COLUMN stream_id text NOT NULL DEFAULT '',
  ADD COLUMN version bigint NOT NULL DEFAULT 0,
  ADD COLUMN hash text NOT NULL DEFAULT '',
  DROP CONSTRAINT es_inbox_pkey,
  ADD PRIMARY KEY (consumer, tenant_id, stream_id, version, event_id);
`;
