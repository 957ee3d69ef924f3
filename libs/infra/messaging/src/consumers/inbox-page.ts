import type { Envelope } from './envelope.js';
import type { Inbox } from './inbox.js';
import { BEGINNING, judge, type Standing, type StreamPosition } from './standing.js';

/** What a consumer knows of some keys and their streams inside one unit of work: read once at its beginning, written once at its end. */
export class InboxPage {
  private readonly settled: Envelope[] = [];

  /** @param held keys that have something parked */
  constructor(
    private readonly inbox: Pick<Inbox, 'handledAt' | 'settleAll'>,
    readonly held: ReadonlySet<string>,
    private readonly positions: Map<string, StreamPosition>,
  ) {}

  /** See Inbox.judge; knows what was settled on this page. */
  judge(message: Envelope): Promise<Standing> {
    const { streamId, version } = message;
    return judge(message, this.positions.get(streamId) ?? BEGINNING, async () => [
      ...(await this.inbox.handledAt(message)),
      ...this.settled
        .filter((other) => other.streamId === streamId && other.version === version)
        .map(({ id: eventId, hash }) => ({ eventId, hash })),
    ]);
  }

  /** Notes that the message was handled; written with the others. */
  settle(message: Envelope): void {
    const { id: eventId, streamId, version, hash } = message;
    this.positions.set(streamId, { version, eventId, hash });
    this.settled.push(message);
  }

  /** @throws VersionConflict when an operator moved a position meanwhile: all is to be judged again */
  async write(): Promise<void> {
    if (this.settled.length > 0) await this.inbox.settleAll(this.settled);
  }
}
