import pg from 'pg';
import { TransportUnavailable } from '../errors.js';
import { SendQueue } from '../send-queue.js';
import {
  type SubscribeOptions,
  type Subscription,
  type TopicSpecification,
  Transport,
  type TransportMessage,
} from '../transport.port.js';
import { Member } from './holdings.js';
import { Inserter } from './insert.js';
import { migrateBus } from './migrate.js';
import { News } from './news.js';
import { removeExpired } from './retention.js';
import { Notifier, Session } from './session.js';
import { PostgresSubscription } from './subscription.js';
import { type KnownTopic, Topics } from './topics.js';

/** Of one statement. */
const MAX_SEND_BYTES = 8 * 1024 * 1024;
const STATEMENT_MS = 30_000;
/** So long a server may say nothing at all: it is gone then, though its connection stands. */
const SILENCE_MS = STATEMENT_MS + 5_000;

/** How to reach the database, and how patient to be. */
export interface PostgresTransportOptions {
  /** A direct connection, no transaction pooler: LISTEN and session locks need one. */
  readonly url: string;
  /** Role that may create the schema `bus`, where it differs. */
  readonly migrationUrl?: string;
  /** Connections for sending and reading. Default 6; two more are used for positions and hints. */
  readonly poolSize?: number;
  /** How long a silent member keeps its partitions. Default 10 s; a killed process loses them at once. */
  readonly leaseMs?: number;
  /** How often a member renews its lease and looks what falls to it. Default a fifth of the lease. */
  readonly tendMs?: number;
  /** How often partitions are looked at without a hint. Default 1 s. */
  readonly pollMs?: number;
  /** How often expired messages are removed. Default 60 s. */
  readonly retentionEveryMs?: number;
  /** What no caller hears of: lost connections, failed clean-up. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Topics, partitions, groups and positions in PostgreSQL: the transport of the embedded default.
 * @throws whatever the database answers when it can't be reached or the schema can't be made
 */
export async function openPostgresTransport(options: PostgresTransportOptions): Promise<PostgresTransport> {
  const role = new URL(options.url).username;
  const separate = options.migrationUrl !== undefined && new URL(options.migrationUrl).username !== role;
  await migrateBus(options.migrationUrl ?? options.url, separate ? decodeURIComponent(role) : undefined);
  const transport = new PostgresTransport(options);
  await transport.open();
  return transport;
}

/** See openPostgresTransport. */
export class PostgresTransport extends Transport {
  private readonly pool: pg.Pool;
  private readonly positions: pg.Pool;
  private readonly topics: Topics;
  private readonly news: News;
  private readonly session: Session;
  private readonly notifier: Notifier;
  private readonly queues = new Map<string, SendQueue>();
  private readonly subscriptions = new Set<PostgresSubscription>();
  private readonly cleaning: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: PostgresTransportOptions) {
    super();
    this.pool = this.makePool(options.poolSize ?? 6);
    this.positions = this.makePool(2, '-c synchronous_commit=off');
    this.topics = new Topics(this.pool);
    this.news = new News(this.pool, options.pollMs ?? 1_000);
    this.notifier = new Notifier(this.pool);
    this.session = new Session(options.url, {
      hint: (payload) => this.hinted(payload),
      restored: () => this.hinted(''),
      trouble: (error) => this.trouble(error),
    });
    this.cleaning = setInterval(() => void this.clean(), options.retentionEveryMs ?? 60_000).unref();
  }

  /** Called by openPostgresTransport. */
  async open(): Promise<void> {
    await this.session.open();
    this.news.start();
  }

  override ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    return this.topics.ensure(topics);
  }

  override async send(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    const queue = this.queues.get(topic) ?? (await this.openQueue(topic));
    await queue.send(
      messages,
      messages.reduce((sum, { body }) => sum + (body?.byteLength ?? 0), 0),
    );
  }

  override async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    const topics = await Promise.all(options.topics.map((name) => this.topics.find(name)));
    const leaseMs = this.options.leaseMs ?? 10_000;
    const subscription = new PostgresSubscription(options, {
      member: new Member(options.group, this.pool, this.positions),
      topics,
      news: this.news,
      instance: () => this.session.instance,
      leaseMs,
      tendMs: this.options.tendMs ?? Math.max(50, Math.floor(leaseMs / 5)),
      groupChanged: (group) => this.groupChanged(group),
      ended: (ended) => this.subscriptions.delete(ended),
    });
    this.subscriptions.add(subscription);
    await subscription.tend();
    this.groupChanged(options.group);
    return subscription;
  }

  override async lag(group: string): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ name: string; partition: number; behind: string }>(
      `SELECT t.name, p.partition, p.next_offset - greatest(coalesce(h.position, 0), p.first_offset) AS behind
       FROM bus.holding h JOIN bus.partition p USING (topic_id, partition) JOIN bus.topic t ON t.id = p.topic_id
       WHERE h.group_name = $1`,
      [group],
    );
    return new Map(
      rows.map(({ name, partition, behind }) => [`${name}/${partition}`, Math.max(0, Number(behind))]),
    );
  }

  /** Removes what is older than its topic keeps; also done by itself from time to time. @returns how many messages went */
  removeExpired(): Promise<number> {
    return removeExpired(this.pool);
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.cleaning);
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await Promise.all([...this.queues.values()].map((queue) => queue.idle()));
    this.news.stop();
    this.notifier.stop();
    await this.session.close();
    await Promise.all([this.pool.end(), this.positions.end()]);
  }

  /** For tests of a crash: everything stops without a word, as when the process is killed. */
  async crash(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.crash();
    await this.close();
  }

  private async openQueue(name: string): Promise<SendQueue> {
    const topic = await this.topics.find(name);
    const queue = this.queues.get(name) ?? new SendQueue(name, this.delivery(topic), MAX_SEND_BYTES);
    this.queues.set(name, queue);
    return queue;
  }

  private delivery(topic: KnownTopic): (messages: readonly TransportMessage[]) => Promise<void> {
    const inserter = new Inserter(this.pool, topic);
    return async (messages) => {
      this.news.learn(topic.id, await inserter.insert(messages));
      this.notifier.notify('');
    };
  }

  private groupChanged(group: string): void {
    this.tendGroup(group);
    this.notifier.notify(group);
  }

  private tendGroup(group: string): void {
    for (const subscription of this.subscriptions) if (subscription.group === group) void subscription.tend();
  }

  private hinted(payload: string): void {
    if (payload === '') void this.news.look();
    else this.tendGroup(payload);
  }

  private async clean(): Promise<void> {
    await this.removeExpired().catch((error: unknown) => this.trouble(error));
  }

  private makePool(max: number, settings?: string): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.options.url,
      max,
      connectionTimeoutMillis: 5_000,
      statement_timeout: STATEMENT_MS,
      query_timeout: SILENCE_MS,
      keepAlive: true,
      ...(settings === undefined ? {} : { options: settings }),
      application_name: 'kwanus bus',
    });
    pool.on('error', (error) => this.trouble(error));
    // While a connection changes hands the pool does not listen: its end would end the process.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  private trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }
}
