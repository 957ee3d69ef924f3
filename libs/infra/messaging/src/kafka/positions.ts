import type { Consumer } from 'kafkajs';

const EVERY_MS = 100;

/** Commits positions of one member: those of finished batches together, a few times a second. */
export class Positions {
  private readonly dirty = new Map<string, { topic: string; partition: number; offset: string }>();
  private readonly timer: NodeJS.Timeout;
  private flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly consumer: Consumer,
    private readonly trouble: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => {
      if (this.dirty.size > 0) void this.flush();
    }, EVERY_MS).unref();
  }

  /** To be committed soon; when it is not, the messages come again. */
  later(topic: string, partition: number, offset: string): void {
    this.dirty.set(`${topic}/${partition}`, { topic, partition, offset });
  }

  /** Resolves when the group's coordinator has it. */
  async now(topic: string, partition: number, offset: string): Promise<void> {
    this.dirty.delete(`${topic}/${partition}`);
    await this.consumer.commitOffsets([{ topic, partition, offset }]);
  }

  /** A partition that went to somebody else: its position is theirs to move. */
  forget(topic: string, partition: number): void {
    this.dirty.delete(`${topic}/${partition}`);
  }

  /** Commits everything finished so far; never throws, what is not committed comes again. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const offsets = [...this.dirty.values()];
      this.dirty.clear();
      if (offsets.length === 0) return;
      await this.consumer.commitOffsets(offsets).catch(this.trouble);
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
}
