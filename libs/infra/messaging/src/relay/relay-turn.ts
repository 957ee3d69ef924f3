import { setTimeout as delay } from 'node:timers/promises';
import { endConnection } from '@kwanus/event-store';
import pg from 'pg';

/** A server that accepts and says nothing is met as one that is gone. */
const ANSWER_MS = 10_000;
/** How soon a turn that came free is noticed. */
const LOOK_EVERY_MS = 1_000;

/** The right to publish a log: a session advisory lock on a connection of its own. Gone with the process that holds it. */
export class RelayTurn {
  private client: pg.Client | null = null;
  private readonly gone = new AbortController();

  private constructor() {}

  /** Aborted when the connection, and with it the right, is lost. */
  get lost(): AbortSignal {
    return this.gone.signal;
  }

  /**
   * Waits until no other relay of this log lives.
   * @param name names the log
   * @throws when the database can't be reached, or the signal is aborted
   */
  static async take(url: string, name: string, signal: AbortSignal): Promise<RelayTurn> {
    const turn = new RelayTurn();
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    });
    client.on('error', () => undefined); // 'end' follows
    await client.connect();
    client.on('end', () => turn.gone.abort());
    turn.client = client;
    try {
      while (!(await tryLock(client, name))) await delay(LOOK_EVERY_MS, undefined, { signal });
    } catch (error) {
      await turn.release();
      throw error;
    }
    return turn;
  }

  release(): Promise<void> {
    return endConnection(this.client);
  }
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine',
    [`kwanus relay ${name}`],
  );
  return rows[0]?.mine ?? false;
}
