import type pg from 'pg';
import { TopicMismatch, UnknownTopic } from '../errors.js';
import type { TopicSpecification } from '../transport.port.js';

/** A topic as the database knows it. */
export interface KnownTopic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
}

interface TopicRow {
  id: number;
  name: string;
  partitions: number;
  retention_ms: string;
}

/** The topics of the bus; what has been seen once is remembered, since a topic never changes. */
export class Topics {
  private readonly byName = new Map<string, KnownTopic>();
  private readonly byId = new Map<number, KnownTopic>();

  constructor(private readonly pool: pg.Pool) {}

  /** @throws TopicMismatch */
  async ensure(specifications: readonly TopicSpecification[]): Promise<void> {
    for (const specification of specifications) await this.ensureOne(specification);
  }

  /** @throws UnknownTopic */
  async find(name: string): Promise<KnownTopic> {
    const known = this.byName.get(name) ?? (await this.load(name));
    if (known === undefined) throw new UnknownTopic(name);
    return known;
  }

  /** The name of a topic that was found before. */
  nameOf(id: number): string {
    return this.byId.get(id)?.name ?? `topic ${id}`;
  }

  private async ensureOne({ name, partitions, retentionMs }: TopicSpecification): Promise<void> {
    await this.pool.query(
      `WITH made AS (INSERT INTO bus.topic (name, partitions, retention_ms) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO NOTHING RETURNING id)
       INSERT INTO bus.partition (topic_id, partition) SELECT made.id, p FROM made, generate_series(0, $2::int - 1) AS p`,
      [name, partitions, retentionMs],
    );
    const found = await this.find(name);
    if (found.partitions !== partitions || found.retentionMs !== retentionMs)
      throw new TopicMismatch(
        `The topic "${name}" has ${found.partitions} partitions and keeps messages ${found.retentionMs} ms; ` +
          `${partitions} and ${retentionMs} were asked for. Both are fixed at creation: correct the code, or create a topic of another name.`,
      );
  }

  private async load(name: string): Promise<KnownTopic | undefined> {
    const { rows } = await this.pool.query<TopicRow>(
      'SELECT id, name, partitions, retention_ms FROM bus.topic WHERE name = $1',
      [name],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const topic = {
      id: row.id,
      name: row.name,
      partitions: row.partitions,
      retentionMs: Number(row.retention_ms),
    };
    this.byName.set(name, topic);
    this.byId.set(topic.id, topic);
    return topic;
  }
}
