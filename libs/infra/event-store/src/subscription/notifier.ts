import pg from 'pg';
import { endConnection } from '../log/end-connection.js';
import type { LogNames } from '../schema/names.js';

const EVERY_MS = 10;

/** Tells other processes after a commit, at most once per 10 ms, on a connection of its own. A lost hint does no harm. */
export class Notifier {
  #client: pg.Client | null = null;
  #connecting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly names: LogNames,
  ) {}

  /** The server process of its connection; null without one. */
  get pid(): number | null {
    return (this.#client as { processID?: number } | null)?.processID ?? null;
  }

  notify(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => void this.#send(), EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#connecting?.catch(() => undefined);
    await endConnection(this.#client);
  }

  async #send(): Promise<void> {
    try {
      this.#connecting ??= this.#connect();
      await this.#connecting;
      await this.#client?.query(`NOTIFY ${this.names.channel}`);
    } catch {
      await this.#drop();
    } finally {
      this.#timer = null;
    }
  }

  /** A connection that did not answer in time is not left open behind the next one. */
  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#connecting = null;
    await endConnection(client);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
      application_name: `kwanus ${this.names.schema} notify`,
    });
    client.on('error', () => undefined);
    client.once('end', () => {
      if (this.#client === client) this.#connecting = null;
    });
    await client.connect();
    this.#client = client;
  }
}
