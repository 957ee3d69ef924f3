import {
  type ConsumerStatements,
  consumerStatements,
  TENANT,
  type UnitOfWork,
  VersionConflict,
} from '@kwanus/event-store';
import type { Envelope } from './envelope.js';
import { StreamForked, StreamGap } from './errors.js';
import { InboxPage } from './inbox-page.js';
import { BEGINNING, type Handled, judge, type Standing, type StreamPosition, UNSEEN } from './standing.js';

interface PositionRow {
  version: string;
  event_id: string;
  hash: string;
}

interface BeginRow extends PositionRow {
  held_key: string | null;
  stream_id: string;
}

/** es_inbox and es_stream_pos of one consumer, inside a unit of work. */
export class Inbox {
  private readonly inbox: string;
  private readonly positions: string;
  private readonly statements: ConsumerStatements;

  constructor(
    private readonly work: UnitOfWork,
    private readonly consumer: string,
    private readonly schema: string,
  ) {
    this.inbox = `"${schema}".es_inbox`;
    this.positions = `"${schema}".es_stream_pos`;
    this.statements = consumerStatements(`"${schema}"`);
  }

  /**
   * Begins a unit of work: makes every other member wait that has messages of these keys in hand, then reads what is known of them.
   * Assigns no transaction id.
   */
  async open(keys: readonly string[], streamIds: readonly string[]): Promise<InboxPage> {
    const sorted = [...new Set(keys)].sort();
    const locks = sorted.map((key) => this.lockOf(key));
    const rows = await this.work.query<BeginRow>(this.statements.begin, [
      TENANT,
      this.consumer,
      locks,
      sorted,
      [...new Set(streamIds)],
    ]);
    const held = new Set<string>();
    const positions = new Map<string, StreamPosition>();
    for (const row of rows)
      if (row.held_key !== null) held.add(row.held_key);
      else positions.set(row.stream_id, positionOf(row));
    return new InboxPage(this, held, positions);
  }

  /** Makes every other member wait that has a message of the same key in hand. Assigns no transaction id. */
  async lockKey(key: string): Promise<void> {
    await this.work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.lockOf(key)]);
  }

  /**
   * Makes who gives up versions of a stream and who finds some missing wait for each other: otherwise a message could be set aside
   * for what is no longer waited for, after those that wait were looked for.
   */
  async lockPosition(streamId: string): Promise<void> {
    const lock = `kwanus position ${this.schema} ${this.consumer} ${streamId}`;
    await this.work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
  }

  private lockOf(key: string): string {
    return `kwanus consumer ${this.schema} ${this.consumer} ${key}`;
  }

  /**
   * Judges a message by what came before it in its stream, and by what came in its place.
   * @throws StreamGap, StreamForked
   */
  async judge(message: Envelope): Promise<Standing> {
    return judge(message, await this.position(message.streamId), () => this.handledAt(message));
  }

  /** @returns the version that is missing before the message, null when it follows on or comes again */
  async missingBefore({ streamId, version }: Envelope): Promise<number | null> {
    const next = (await this.versionOf(streamId)) + 1;
    return version > next ? next : null;
  }

  /**
   * Records that the message was handled: once, and as the last of its stream.
   * @throws VersionConflict when an operator moved the position meanwhile: the message is to be judged again
   */
  settle(message: Envelope): Promise<void> {
    return this.settleAll([message]);
  }

  /** The same for several, in one round trip. */
  async settleAll(messages: readonly Envelope[]): Promise<void> {
    const [passed] = await this.work.query<{ moved_on: string }>(this.statements.settle, [
      TENANT,
      this.consumer,
      messages.map(({ id }) => id),
      messages.map(({ streamId }) => streamId),
      messages.map(({ version }) => version),
      messages.map(({ hash }) => hash),
    ]);
    if (passed === undefined) return;
    const { moved_on: streamId } = passed;
    const first = messages.find((message) => message.streamId === streamId)?.version ?? 0;
    throw new VersionConflict(streamId, String(first - 1), await this.versionOf(streamId));
  }

  /** Records that the message is left out. One that its stream contradicts, or that is ahead of it, moves nothing: what is true is yet to come. */
  async leaveOut(message: Envelope): Promise<void> {
    try {
      if ((await this.judge(message)) === 'next') await this.settle(message);
    } catch (error) {
      if (!(error instanceof StreamGap || error instanceof StreamForked)) throw error;
    }
  }

  /** Gives up what is missing before a version. */
  async giveUpTo(streamId: string, version: number): Promise<void> {
    await this.move(streamId, { version, ...UNSEEN }, 'WHERE p.version < excluded.version');
  }

  /** Believes another history: the message becomes the next one, whatever stood there. */
  async standBefore({ streamId, version, prevHash }: Envelope): Promise<void> {
    await this.move(streamId, { version: version - 1, id: UNSEEN.id, hash: prevHash }, '');
  }

  /** @returns the last version that was handled or given up; 0 for a stream that nothing came of */
  async versionOf(streamId: string): Promise<number> {
    return (await this.position(streamId)).version;
  }

  private async move(
    streamId: string,
    to: { readonly version: number; readonly id: string; readonly hash: string },
    where: string,
  ): Promise<void> {
    await this.work.query(
      `INSERT INTO ${this.positions} AS p (consumer, tenant_id, stream_id, version, event_id, hash)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (consumer, tenant_id, stream_id) DO UPDATE
         SET version = excluded.version, event_id = excluded.event_id, hash = excluded.hash ${where}`,
      [this.consumer, TENANT, streamId, to.version, to.id, to.hash],
    );
  }

  private async position(streamId: string): Promise<StreamPosition> {
    const [row] = await this.work.query<PositionRow>(
      `SELECT version::text AS version, event_id, hash FROM ${this.positions}
       WHERE consumer = $1 AND tenant_id = $2 AND stream_id = $3`,
      [this.consumer, TENANT, streamId],
    );
    return row === undefined ? BEGINNING : positionOf(row);
  }

  /** What was handled in the place of a message. Several where a fork was accepted: both histories may come again. */
  async handledAt({ streamId, version }: Pick<Envelope, 'streamId' | 'version'>): Promise<Handled[]> {
    const rows = await this.work.query<{ event_id: string; hash: string }>(
      `SELECT event_id, hash FROM ${this.inbox}
       WHERE consumer = $1 AND tenant_id = $2 AND stream_id = $3 AND version = $4`,
      [this.consumer, TENANT, streamId, version],
    );
    return rows.map(({ event_id: eventId, hash }) => ({ eventId, hash }));
  }
}

const positionOf = ({ version, event_id: eventId, hash }: PositionRow): StreamPosition => ({
  version: Number(version),
  eventId,
  hash,
});
