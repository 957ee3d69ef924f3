import { TENANT, type UnitOfWork, VersionConflict } from '@kwanus/event-store';
import type { Envelope } from './envelope.js';
import { StreamForked, StreamGap } from './errors.js';

const FIRST_PREV_HASH = '0'.repeat(64);

/** What is to be done with a message. */
export type Standing = 'next' | 'duplicate' | 'stale';

/** An event that a consumer has handled. */
interface Handled {
  readonly eventId: string;
  readonly hash: string;
}

/** How far a consumer has come in a producer's stream. */
interface StreamPosition extends Handled {
  readonly version: number;
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
   * Judges a message by what came before it in its stream, and by what came in its place.
   * @throws StreamGap, StreamForked
   */
  async judge(message: Envelope): Promise<Standing> {
    const { streamId, version } = message;
    const last = await this.position(streamId);
    if (version > last.version + 1) throw new StreamGap(streamId, last.version + 1, version);
    if (version === last.version + 1) {
      if (last.hash !== UNSEEN.hash && message.prevHash !== last.hash)
        throw new StreamForked(streamId, version, `it does not follow ${last.hash}`);
      return 'next';
    }
    const handled = await this.handledAt(streamId, version);
    if (version === last.version && last.eventId !== UNSEEN.id) handled.push(last);
    if (handled.some(({ eventId, hash }) => eventId === message.id && hash === message.hash))
      return 'duplicate';
    if (handled.length > 0)
      throw new StreamForked(streamId, version, 'another event stood there, or the same with other content');
    return 'stale';
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
  async settle(message: Envelope): Promise<void> {
    await this.remember(message);
    const moved = await this.move(message.streamId, message, 'WHERE p.version < excluded.version');
    if (moved) return;
    const { streamId, version } = message;
    throw new VersionConflict(streamId, String(version - 1), await this.versionOf(streamId));
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

  private async remember({ id, streamId, version, hash }: Envelope): Promise<void> {
    await this.work.query(
      `INSERT INTO ${this.inbox} (consumer, tenant_id, event_id, stream_id, version, hash)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [this.consumer, TENANT, id, streamId, version, hash],
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

  /** Several where a fork was accepted: both histories may come again. */
  private async handledAt(streamId: string, version: number): Promise<Handled[]> {
    const rows = await this.work.query<{ event_id: string; hash: string }>(
      `SELECT event_id, hash FROM ${this.inbox}
       WHERE consumer = $1 AND tenant_id = $2 AND stream_id = $3 AND version = $4`,
      [this.consumer, TENANT, streamId, version],
    );
    return rows.map(({ event_id: eventId, hash }) => ({ eventId, hash }));
  }
}
