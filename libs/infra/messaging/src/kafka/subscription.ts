import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { TransportRefused } from '../errors.js';
import type { SubscribeOptions, Subscription } from '../transport.port.js';
import type { KafkaClient } from './client.js';
import { GroupMember } from './group-member.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** What a subscription is given by its transport. */
export interface SubscriptionContext {
  readonly client: KafkaClient;
  readonly admin: Admin;
  readonly sessionTimeoutMs: number;
  readonly ended: (subscription: KafkaSubscription) => void;
}

/**
 * Keeps one member in its group for as long as it is wanted.
 *
 * kafkajs ends a consumer in silence when it meets an error that it thinks not retriable, and after its retries; and where a
 * request of it hangs meanwhile, it does not even say so. Every end that was not asked for, and every silence, is told and answered
 * by a new member.
 */
export class KafkaSubscription implements Subscription {
  private readonly abort = new AbortController();
  private member: GroupMember | null = null;
  private readonly life: Promise<void>;
  private readonly first: Promise<void>;
  private settle: { readonly joined: () => void; readonly refused: (error: Error) => void };

  constructor(
    readonly options: SubscribeOptions,
    private readonly context: SubscriptionContext,
  ) {
    this.settle = { joined: () => undefined, refused: () => undefined };
    this.first = new Promise((joined, refused) => {
      this.settle = { joined, refused };
    });
    this.life = this.live();
  }

  /**
   * Resolves when the group has taken the member for the first time, or the subscription has stopped.
   * @throws TransportRefused when the group won't have it
   */
  ready(): Promise<void> {
    return this.first;
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
    this.settle.joined();
    this.context.ended(this);
  }

  private async live(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let everJoined = false;
    while (!this.abort.signal.aborted) {
      this.member = this.newMember(() => {
        pause = FIRST_PAUSE_MS;
        everJoined = true;
        this.settle.joined();
      });
      const reason = await this.member.life;
      // At the start nobody is helped by waiting for rights; later on they may be given back.
      if (reason instanceof TransportRefused && !everJoined) {
        this.settle.refused(reason);
        break;
      }
      if (this.abort.signal.aborted) break;
      await delay(pause, undefined, { signal: this.abort.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    this.settle.joined();
    this.context.ended(this);
  }

  private newMember(joined: () => void): GroupMember {
    const { client, admin, sessionTimeoutMs } = this.context;
    return new GroupMember({ options: this.options, link: client.link(), admin, sessionTimeoutMs, joined });
  }
}
