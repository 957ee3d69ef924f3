import { eventHash, microseconds, NO_HASH } from '@kwanus/canonical';
import type { LogNames } from '../schema/names.js';
import { TENANT } from '../tenant.js';
import { streamTypeOf } from './stream-id.js';
import type { PostgresUnitOfWork } from './unit-of-work.js';

/** What the verification of a stream came to. */
export interface ChainReport {
  readonly streamId: string;
  /** Events that were verified before it ended. */
  readonly events: number;
  readonly ok: boolean;
  /** The first position that is wrong; null when the chain is whole. */
  readonly fault: { readonly version: number; readonly reason: string } | null;
}

interface RawRow {
  readonly version: string;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
  readonly meta: string;
  readonly routing_key: string;
  readonly command_id: string;
  readonly command_index: number;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly hash_alg: number;
  readonly prev_hash: string;
  readonly hash: string;
}

/** The stream's head, and its last event as the same snapshot shows it. */
interface Head {
  readonly version: string | null;
  readonly stream_type: string | null;
  readonly hash: string | null;
  readonly last: string;
}

const PAGE = 500;

/**
 * Recomputes every hash of the stream from the stored bytes, follows the chain, and compares the columns that are copies of meta.
 * A cut tail is seen by the stream's head; whoever can rewrite that as well is found by an outside checkpoint only.
 */
export async function verifyStream(
  work: PostgresUnitOfWork,
  { quoted: s }: LogNames,
  streamId: string,
): Promise<ChainReport> {
  let previous = NO_HASH;
  let verified = 0;
  for (;;) {
    for (let rows = PAGE; rows === PAGE; ) {
      const page = await readPage(work, s, streamId, verified);
      rows = page.length;
      for (const row of page) {
        const reason = faultOf(row, streamId, verified + 1, previous);
        if (reason !== null) return report(streamId, verified, { version: verified + 1, reason });
        verified += 1;
        previous = row.hash;
      }
    }
    const head = await readHead(work, s, streamId);
    // What was appended meanwhile belongs to what the head tells of.
    if (Number(head.last) <= verified)
      return report(streamId, verified, headFault(head, streamId, verified, previous));
  }
}

const readPage = (
  work: PostgresUnitOfWork,
  schema: string,
  streamId: string,
  after: number,
): Promise<RawRow[]> =>
  work.query<RawRow>(
    `SELECT e.version, e.event_id, e.type, e.schema_version, e.data, e.meta, e.routing_key, e.command_id, e.command_index,
       e.correlation_id, e.causation_id, (e.occurred_at AT TIME ZONE 'UTC')::text AS occurred_at,
       (e.recorded_at AT TIME ZONE 'UTC')::text AS recorded_at, e.hash_alg,
       encode(e.prev_hash, 'hex') AS prev_hash, encode(e.hash, 'hex') AS hash
     FROM ${schema}.es_event e WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.version > $3 ORDER BY e.version LIMIT ${PAGE}`,
    [TENANT, streamId, after],
  );

async function readHead(work: PostgresUnitOfWork, schema: string, streamId: string): Promise<Head> {
  const [head] = await work.query<Head>(
    `SELECT s.version, s.stream_type, encode(s.head_hash, 'hex') AS hash, e.last
     FROM (SELECT coalesce(max(version), 0) AS last FROM ${schema}.es_event WHERE tenant_id = $1 AND stream_id = $2) e
     LEFT JOIN ${schema}.es_stream s ON s.tenant_id = $1 AND s.stream_id = $2`,
    [TENANT, streamId],
  );
  return head ?? { version: null, stream_type: null, hash: null, last: '0' };
}

const report = (streamId: string, events: number, fault: ChainReport['fault']): ChainReport => ({
  streamId,
  events,
  ok: fault === null,
  fault,
});

function headFault(head: Head, streamId: string, verified: number, hash: string): ChainReport['fault'] {
  if (head.version === null && verified === 0) return null;
  if (head.version === null) return { version: verified, reason: 'the stream’s head is missing' };
  if (Number(head.version) !== verified)
    return {
      version: Math.min(Number(head.version), verified) + 1,
      reason: `the stream’s head names version ${head.version}, there are ${verified} events`,
    };
  if (head.stream_type !== streamTypeOf(streamId))
    return { version: verified, reason: `the stream’s head calls it a ${head.stream_type}` };
  return head.hash === hash
    ? null
    : { version: verified, reason: 'its hash is not the one in the stream’s head' };
}

function faultOf(row: RawRow, streamId: string, expected: number, previous: string): string | null {
  if (Number(row.version) !== expected) return `version ${row.version} stands where ${expected} should`;
  if (row.prev_hash !== previous) return 'it does not hold the hash of the event before it';
  const copy = wrongCopy(row);
  if (copy !== null) return `${copy} differs from the same field in its metadata`;
  return hashOf(row, streamId, expected) === row.hash ? null : 'its content does not have its hash';
}

const hashOf = (row: RawRow, streamId: string, version: number): string =>
  eventHash({
    prevHash: row.prev_hash,
    algorithm: row.hash_alg,
    tenantId: TENANT,
    streamType: streamTypeOf(streamId),
    streamId,
    version,
    eventId: row.event_id,
    type: row.type,
    schemaVersion: row.schema_version,
    data: row.data,
    meta: row.meta,
    occurredAt: microseconds(row.occurred_at),
    recordedAt: microseconds(row.recorded_at),
  });

function wrongCopy(row: RawRow): string | null {
  const meta = parsed(row.meta);
  const copies: readonly (readonly [string, unknown, unknown])[] = [
    ['routing_key', row.routing_key, meta['routingKey']],
    ['command_id', row.command_id, lower(meta['commandId'])],
    ['command_index', row.command_index, meta['commandIndex']],
    ['correlation_id', row.correlation_id, lower(meta['correlationId'])],
    ['causation_id', row.causation_id, lower(meta['causationId'])],
  ];
  return copies.find(([, column, inMeta]) => column !== inMeta)?.[0] ?? null;
}

const lower = (id: unknown): unknown => (typeof id === 'string' ? id.toLowerCase() : id);

/** @returns the metadata; without any field when someone made something else of it */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
