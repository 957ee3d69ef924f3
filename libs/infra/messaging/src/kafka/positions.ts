import type { Consumer } from 'kafkajs';

const EVERY_MS = 100;
/** This many finished messages are committed without waiting for the time. */
const EVERY_MESSAGES = 2_000;

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

const placeOf = ({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

/** Commits positions of one member: those of finished batches together, a few times a second. */
export class Positions {
  private readonly dirty = new Map<string, Position>();
  private readonly timer: NodeJS.Timeout;
  private flushing: Promise<void> = Promise.resolve();
  private finished = 0;

  constructor(
    private readonly consumer: Pick<Consumer, 'commitOffsets'>,
    private readonly trouble: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => {
      if (this.dirty.size > 0) void this.flush();
    }, EVERY_MS).unref();
  }

  /** To be committed soon; when it is not, the messages come again. */
  later(position: Position, messages: number): void {
    this.dirty.set(placeOf(position), position);
    this.finished += messages;
    if (this.finished >= EVERY_MESSAGES) void this.flush();
  }

  /** Resolves when the group's coordinator has it. */
  async now(position: Position): Promise<void> {
    this.dirty.delete(placeOf(position));
    await this.consumer.commitOffsets([position]);
  }

  /** A partition that went to somebody else: its position is theirs to move. */
  forget(topic: string, partition: number): void {
    this.dirty.delete(placeOf({ topic, partition }));
  }

  /** Commits everything finished so far; never throws, what is not committed is tried again with the next. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const offsets = [...this.dirty.values()];
      this.dirty.clear();
      this.finished = 0;
      if (offsets.length > 0) await this.commit(offsets);
    });
    return this.flushing;
  }

  /** Commits what is left and ends. */
  async close(): Promise<void> {
    this.abandon();
    await this.flush();
  }

  /** Ends without a word. */
  abandon(): void {
    clearInterval(this.timer);
  }

  private async commit(offsets: readonly Position[]): Promise<void> {
    try {
      await this.consumer.commitOffsets([...offsets]);
    } catch (error) {
      this.trouble(error);
      // Without this a topic that falls quiet would stay behind for ever.
      for (const position of offsets)
        if (!this.dirty.has(placeOf(position))) this.dirty.set(placeOf(position), position);
    }
  }
}
