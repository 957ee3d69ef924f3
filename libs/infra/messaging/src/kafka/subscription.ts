import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { SubscribeOptions, Subscription } from '../transport.port.js';
import { GroupMember } from './group-member.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Keeps one member in its group for as long as it is wanted.
 *
 * kafkajs ends a consumer in silence when it meets an error that it thinks not retriable, and after its retries: every end that
 * was not asked for is told and answered by a new member.
 */
export class KafkaSubscription implements Subscription {
  private readonly abort = new AbortController();
  private member: GroupMember | null = null;
  private readonly life: Promise<void>;
  private joined: () => void = () => undefined;

  constructor(
    readonly options: SubscribeOptions,
    private readonly kafka: Kafka,
    private readonly sessionTimeoutMs: number,
    private readonly ended: (subscription: KafkaSubscription) => void,
  ) {
    this.life = this.live();
  }

  /** Resolves when the group has taken the member for the first time, or the subscription has stopped. */
  async ready(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.joined = resolve;
    });
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.member?.leave();
    await this.life;
  }

  /** For tests of a crash: no goodbye, and what is in hand goes on unheard. */
  crash(): void {
    this.abort.abort();
    this.member?.abandon();
    this.joined();
    this.ended(this);
  }

  private async live(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.abort.signal.aborted) {
      const member = new GroupMember(this.options, this.kafka, this.sessionTimeoutMs, () => {
        pause = FIRST_PAUSE_MS;
        this.joined();
      });
      this.member = member;
      await member.life;
      if (this.abort.signal.aborted) break;
      await delay(pause, undefined, { signal: this.abort.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    this.joined();
    this.ended(this);
  }
}
