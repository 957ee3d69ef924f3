import { TENANT, type UnitOfWork, VersionConflict } from '@kwanus/event-store';
import type { Envelope } from './envelope.js';
import { StreamForked, StreamGap } from './errors.js';

const FIRST_PREV_HASH = '0'.repeat(64);

/** What is to be done with a message. */
export type Standing = 'next' | 'duplicate' | 'stale';

/** How far a consumer has come in a producer's stream. */
export interface StreamPosition {
  readonly version: number;
  readonly eventId: string;
  readonly hash: string;
}

interface PositionRow {
  version: string;
  event_id: string;
  hash: string;
}

/** Stands for an event that was given up unseen: its successor is believed whatever it follows. */
const UNSEEN = { id: '00000000-0000-0000-0000-000000000000', hash: '' };

/** es_inbox and es_stream_pos of one consumer, inside a unit of work. */
export class Inbox {
  private readonly inbox: string;
  private readonly positions: string;

  constructor(
    private readonly work: UnitOfWork,
    private readonly consumer: string,
    private readonly schema: string,
  ) {
    this.inbox = `"${schema}".es_inbox`;
    this.positions = `"${schema}".es_stream_pos`;
  }

  /** Makes every other member wait that has a message of the same key in hand. Assigns no transaction id. */
  async lockKey(key: string): Promise<void> {
    await this.work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `kwanus consumer ${this.schema} ${this.consumer} ${key}`,
    ]);
  }

  /**
   * Judges a message by what came before it in its stream.
   * @throws StreamGap, StreamForked
   */
  async judge(message: Envelope): Promise<Standing> {
    const last = await this.position(message.streamId);
    if (message.version > last.version + 1)
      throw new StreamGap(message.streamId, last.version + 1, message.version);
    if (message.version === last.version + 1) {
      if (last.hash !== UNSEEN.hash && message.prevHash !== last.hash)
        throw new StreamForked(message.streamId, message.version, `it does not follow ${last.hash}`);
      return 'next';
    }
    if (message.version === last.version && last.eventId !== UNSEEN.id) {
      if (message.id !== last.eventId || message.hash !== last.hash)
        throw new StreamForked(
          message.streamId,
          message.version,
          'another event stood there, or the same with other content',
        );
      return 'duplicate';
    }
    return (await this.seen(message.id)) ? 'duplicate' : 'stale';
  }

  /**
   * Records that the message was handled: once, and as the last of its stream.
   * @throws VersionConflict when an operator moved the position meanwhile: the message is to be judged again
   */
  async settle(message: Envelope): Promise<void> {
    await this.remember(message.id);
    const moved = await this.move(message.streamId, message, 'WHERE p.version < excluded.version');
    if (moved) return;
    const { streamId, version } = message;
    throw new VersionConflict(streamId, String(version - 1), await this.versionOf(streamId));
  }

  /** Records that the message is left out. A position never goes back. */
  async leaveOut(message: Envelope): Promise<void> {
    await this.remember(message.id);
    await this.move(message.streamId, message, 'WHERE p.version <= excluded.version');
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

  private async remember(eventId: string): Promise<void> {
    await this.work.query(
      `INSERT INTO ${this.inbox} (consumer, tenant_id, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [this.consumer, TENANT, eventId],
    );
  }

  private async move(
    streamId: string,
    to: { readonly version: number; readonly id: string; readonly hash: string },
    where: string,
  ): Promise<boolean> {
    const moved = await this.work.query(
      `INSERT INTO ${this.positions} AS p (consumer, tenant_id, stream_id, version, event_id, hash)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (consumer, tenant_id, stream_id) DO UPDATE
         SET version = excluded.version, event_id = excluded.event_id, hash = excluded.hash ${where}
       RETURNING version`,
      [this.consumer, TENANT, streamId, to.version, to.id, to.hash],
    );
    return moved.length > 0;
  }

  private async position(streamId: string): Promise<StreamPosition> {
    const [row] = await this.work.query<PositionRow>(
      `SELECT version::text AS version, event_id, hash FROM ${this.positions}
       WHERE consumer = $1 AND tenant_id = $2 AND stream_id = $3`,
      [this.consumer, TENANT, streamId],
    );
    if (row === undefined) return { version: 0, eventId: UNSEEN.id, hash: FIRST_PREV_HASH };
    return { version: Number(row.version), eventId: row.event_id, hash: row.hash };
  }

  private async seen(eventId: string): Promise<boolean> {
    const rows = await this.work.query(
      `SELECT 1 AS seen FROM ${this.inbox} WHERE consumer = $1 AND tenant_id = $2 AND event_id = $3`,
      [this.consumer, TENANT, eventId],
    );
    return rows.length > 0;
  }
}
