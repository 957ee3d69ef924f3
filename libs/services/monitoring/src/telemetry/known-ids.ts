import { createHash } from 'node:crypto';
import type { ReceivedMessage } from '@kwanus/messaging';
import type { Partition } from './partition.js';
import { TELEMETRY_SCHEMA, type TelemetryLog } from './telemetry-log.js';

/** So many ids of a partition are remembered; the oldest are forgotten first. */
const MOST_IDS = 100_000;
/** Of the digest of an id: two that differ are taken for the same once in 2^48. */
const BYTES = 6;

/** Ids that were counted together, and when. */
export interface CountedIds {
  readonly at: number;
  readonly ids: readonly number[];
}

/** What a partition's reader knows, up to a position. */
interface Known {
  readonly position: string | null;
  readonly batches: CountedIds[];
  readonly ids: Set<number>;
}

/** @returns what a message is known by: CloudEvents makes source and id unique together */
export const idOf = ({ headers }: Pick<ReceivedMessage, 'headers'>): number =>
  createHash('sha256')
    .update(JSON.stringify([headers['ce_source'], headers['ce_id']]))
    .digest()
    .readUIntBE(0, BYTES);

/**
 * The ids of telemetry that was counted of late, so that what a producer sends again is counted once. They are written in the
 * fold's transaction, a row a batch, and held in memory by whoever reads the partition.
 */
export class KnownIds {
  readonly #known = new Map<string, Known>();

  constructor(private readonly log: TelemetryLog) {}

  /**
   * Joins the active unit of work.
   * @param position up to which the partition was counted
   * @returns the ids that were counted since a moment
   */
  async since(partition: Partition, position: string | null, moment: number): Promise<ReadonlySet<number>> {
    const place = placeOf(partition);
    const held = this.#known.get(place);
    const known =
      held !== undefined && held.position === position ? held : await this.#load(partition, position);
    forget(known, moment);
    this.#known.set(place, known);
    return known.ids;
  }

  /** Joins the active unit of work: remembers what was counted, and forgets what was before a moment. */
  async add(
    { topic, partition }: Partition,
    position: string,
    { at, ids }: CountedIds,
    moment: number,
  ): Promise<void> {
    await this.log.work.query(
      `WITH gone AS (DELETE FROM ${TELEMETRY_SCHEMA}.telemetry_ids WHERE topic = $1 AND partition = $2 AND counted_ms < $3)
       INSERT INTO ${TELEMETRY_SCHEMA}.telemetry_ids (topic, partition, counted_ms, last_position, ids) VALUES ($1, $2, $4, $5, $6)`,
      [topic, partition, Math.floor(moment), Math.floor(at), position, packed(ids)],
    );
  }

  /** After the commit: what was added need not be read. */
  committed(
    partition: Partition,
    moved: { readonly from: string | null; readonly to: string },
    counted: CountedIds,
  ): void {
    const place = placeOf(partition);
    const known = this.#known.get(place);
    if (known === undefined || known.position !== moved.from) return;
    known.batches.push(counted);
    for (const id of counted.ids) known.ids.add(id);
    this.#known.set(place, { ...known, position: moved.to });
  }

  async #load({ topic, partition }: Partition, position: string | null): Promise<Known> {
    const rows = await this.log.work.query<{ counted_ms: string; ids: Buffer }>(
      `SELECT counted_ms, ids FROM ${TELEMETRY_SCHEMA}.telemetry_ids WHERE topic = $1 AND partition = $2 ORDER BY counted_ms`,
      [topic, partition],
    );
    const batches = rows.map(({ counted_ms, ids }) => ({ at: Number(counted_ms), ids: unpacked(ids) }));
    return { position, batches, ids: new Set(batches.flatMap(({ ids }) => ids)) };
  }
}

const placeOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`;

function forget({ batches, ids }: Known, moment: number): void {
  while (batches[0] !== undefined && (batches[0].at < moment || ids.size > MOST_IDS))
    for (const id of batches.shift()?.ids ?? []) ids.delete(id);
}

function packed(ids: readonly number[]): Buffer {
  const bytes = Buffer.alloc(ids.length * BYTES);
  ids.forEach((id, index) => bytes.writeUIntBE(id, index * BYTES, BYTES));
  return bytes;
}

const unpacked = (bytes: Buffer): readonly number[] =>
  Array.from({ length: bytes.length / BYTES }, (_, index) => bytes.readUIntBE(index * BYTES, BYTES));
