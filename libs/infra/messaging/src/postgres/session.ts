import { setTimeout as delay } from 'node:timers/promises';
import { endConnection } from '@kwanus/event-store';
import pg from 'pg';

/** Class of the advisory locks that prove that an instance of the transport lives. Also written in migration 002. */
const INSTANCE_LOCK_CLASS = 1_802_658_416;
const CHANNEL = 'kwanus_bus';
const RETRY_MS = 250;
/** A server that accepts and says nothing is met as one that is gone. */
const ANSWER_MS = 5_000;
/** How long to wait for a lock that a broken connection of ours still holds. */
const LOCK_MS = 1_000;

/** What the session tells the transport. */
export interface SessionEvents {
  /** Something was sent, or a group changed: look now. */
  readonly hint: (payload: string) => void;
  /** The connection was lost and is back: hints in between are lost. */
  readonly restored: () => void;
  readonly trouble: (error: unknown) => void;
}

/**
 * One direct connection that listens for hints and holds the lock by which others see that this instance lives. When the
 * process dies the lock is free at once, and the others need not wait for leases. Reconnects for as long as it is open.
 */
export class Session {
  private client: pg.Client | null = null;
  private connecting: pg.Client | null = null;
  private closed = false;
  private instanceNumber = 0;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly events: SessionEvents,
  ) {}

  /** Number of this instance; part of the lock. */
  get instance(): number {
    return this.instanceNumber;
  }

  /** @throws whatever the first connection fails with */
  async open(): Promise<void> {
    await this.connect();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.client, this.connecting].map(endConnection));
    await this.keeping;
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      lock_timeout: LOCK_MS,
    });
    client.on('notification', ({ payload }) => this.events.hint(payload ?? ''));
    client.on('error', () => undefined); // 'end' follows and reconnects
    try {
      await client.connect();
      // Not before: a client of pg that is ended while it connects never says so. What was closed meanwhile is ended by `reconnect`.
      this.connecting = client;
      if (!this.closed) {
        await this.claimInstance(client);
        await client.query(`LISTEN ${CHANNEL}`);
      }
    } catch (error) {
      await endConnection(client);
      throw error;
    } finally {
      this.connecting = null;
    }
    client.on('end', () => this.lost(client));
    this.client = client;
  }

  private async claimInstance(client: pg.Client): Promise<void> {
    if (this.instanceNumber === 0) {
      const { rows } = await client.query<{ number: number }>(
        "SELECT nextval('bus.instance')::int AS number",
      );
      this.instanceNumber = rows[0]?.number ?? 0;
    }
    await client.query('SELECT pg_advisory_lock($1, $2)', [INSTANCE_LOCK_CLASS, this.instanceNumber]);
  }

  private lost(client: pg.Client): void {
    if (this.closed || this.client !== client) return;
    this.client = null;
    this.keeping = this.reconnect();
  }

  private async reconnect(): Promise<void> {
    while (!this.closed && this.client === null) {
      try {
        await this.connect();
      } catch (error) {
        this.events.trouble(error);
        await delay(RETRY_MS);
      }
    }
    if (this.closed) await endConnection(this.client);
    else this.events.restored();
  }
}

/** Sends hints to the other processes after a commit, at most one per 10 ms; a lost one does no harm. */
export class Notifier {
  private readonly payloads = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly everyMs = 10,
  ) {}

  notify(payload: string): void {
    this.payloads.add(payload);
    this.timer ??= setTimeout(() => void this.flush(), this.everyMs).unref();
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async flush(): Promise<void> {
    const payloads = [...this.payloads];
    this.payloads.clear();
    this.timer = null;
    await this.pool
      .query('SELECT pg_notify($1, p) FROM unnest($2::text[]) AS p', [CHANNEL, payloads])
      .catch(() => undefined); // polling is the promise
  }
}
