import type { EventLog, Position } from '@kwanus/event-store';
import { metrics, type ObservableCallback } from '@opentelemetry/api';
import type { OperatorDecision, Publisher } from '../consumer.port.js';
import type { Transport, TransportMessage } from '../transport.port.js';
import { type Batch, type OutgoingMessage, prepare, type RelayBlockage, readBatch } from './batch.js';
import { RelayCheckpoint, type RelayProgress } from './checkpoint.js';
import { RelayFenced, UnpublishableEvent } from './errors.js';
import type { PublishingService } from './publish.js';
import { RelayTurn } from './relay-turn.js';

/** What a relay needs. */
export interface RelayOptions {
  /** `intake`: the source of its messages is `kwanus/intake`. */
  readonly service: string;
  /** Schema of the log; by default the service's name. */
  readonly schema?: string;
  /** Where withheld events go: the service's topic, for example `kwanus.integration`. */
  readonly topic: string;
  readonly publisher: Publisher;
  readonly log: Pick<EventLog, 'store' | 'work' | 'watch'>;
  readonly transport: Transport;
  /** A direct connection to the log's database (no transaction pooler): session lock. */
  readonly url: string;
  readonly batchSize?: number;
  /** How often the log is looked at without news. Default 1000 ms. */
  readonly pollMs?: number;
  /** What nobody else hears of: an event that can't be published, a lost connection. Called again while it lasts. */
  readonly onTrouble?: (error: unknown) => void;
}

const LONGEST_PAUSE_MS = 5_000;

/** Publishes the log of one service: every stored event as exactly one message, in log order. One relay a log is active. */
export function openRelay(options: RelayOptions): Relay {
  return new Relay(options);
}

/** See openRelay. */
export class Relay {
  private readonly stopping = new AbortController();
  private readonly checkpoint: RelayCheckpoint;
  private running: Promise<void> = Promise.resolve();
  private wakeUp: () => void = () => undefined;
  private lastPublished: number | null = null;
  private pendingSince: string | null = null;
  private readonly lagGauge = metrics.getMeter('kwanus').createObservableGauge('kwanus.relay.lag', {
    unit: 's',
    description: 'Age of the oldest event that was read and is not published',
  });
  private blockage: RelayBlockage | null = null;
  private readonly blockedGauge = metrics.getMeter('kwanus').createObservableGauge('kwanus.relay.blocked', {
    description: '1 while the relay stands before an event that it can not publish',
  });
  private readonly published = metrics.getMeter('kwanus').createCounter('kwanus.relay.published');
  private readonly observe: ObservableCallback = (result) =>
    result.observe(this.lagSeconds(), { service: this.options.service });
  private readonly observeBlocked: ObservableCallback = (result) =>
    result.observe(this.blockage === null ? 0 : 1, { service: this.options.service });

  constructor(private readonly options: RelayOptions) {
    const { log, service, schema } = options;
    this.checkpoint = new RelayCheckpoint(log.work, service, schema ?? service);
  }

  start(): void {
    this.lagGauge.addCallback(this.observe);
    this.blockedGauge.addCallback(this.observeBlocked);
    this.running = this.run();
  }

  /** Finishes the batch in hand and gives the turn to another relay. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp();
    await this.running;
    this.lagGauge.removeCallback(this.observe);
    this.blockedGauge.removeCallback(this.observeBlocked);
  }

  /** The event that this relay stands before, null while it gets on. */
  get blocked(): RelayBlockage | null {
    return this.blockage;
  }

  /** Seconds since the oldest event that waits in this relay was recorded; 0 when nothing waits. */
  lagSeconds(): number {
    return this.pendingSince === null ? 0 : Math.max(0, (Date.now() - Date.parse(this.pendingSince)) / 1000);
  }

  /** How far the log has been published, by this process or another. */
  progress(): Promise<RelayProgress> {
    return this.checkpoint.read();
  }

  /** Sends a stream again from a version on: the remedy for a gap. Consumers skip what they have. @returns how many were sent */
  async republish(streamId: string, fromVersion: number): Promise<number> {
    const { events } = await this.options.log.store.readStream(streamId, { fromVersion });
    for (let at = 0; at < events.length; at += this.batchSize) {
      const { messages, refused } = prepare(events.slice(at, at + this.batchSize), this.publishing);
      if (refused !== null) throw new UnpublishableEvent(refused.blockage.reason);
      await this.send(messages);
    }
    return events.length;
  }

  /**
   * Sends the whole log again, in log order, after what is under way: the remedy where the transport lost what it had, or a consumer's
   * database was restored. Consumers skip what they have. An event says who asked for it; it is what makes the relay notice,
   * whichever process it runs in.
   * @returns how many events wait now, counted to 10 000
   */
  async rewind({ actor, reason, commandId, correlationId }: OperatorDecision): Promise<number> {
    const { log, service, schema } = this.options;
    const streamId = `log-${schema ?? service}`;
    return log.work.run(async () => {
      await log.store.append({
        streamId,
        streamType: 'log',
        routingKey: streamId,
        expectedVersion: 'any',
        events: [{ type: 'RelayRewound', data: { reason } }],
        metadata: { actor, correlationId, causationId: null, commandId },
      });
      await this.checkpoint.rewind();
      return (await this.checkpoint.read()).behind;
    });
  }

  private get batchSize(): number {
    return this.options.batchSize ?? 500;
  }

  private get publishing(): PublishingService {
    const { service: name, topic, publisher } = this.options;
    return { name, topic, publisher };
  }

  private async run(): Promise<void> {
    let pause = 100;
    while (!this.stopping.signal.aborted) {
      const before = this.lastPublished;
      try {
        await this.runTurn();
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.options.onTrouble?.(error);
      }
      pause = this.lastPublished === before ? Math.min(pause * 2, LONGEST_PAUSE_MS) : 100;
      await this.sleep(pause);
    }
  }

  private async runTurn(): Promise<void> {
    const { url, schema, service } = this.options;
    const turn = await RelayTurn.take(url, schema ?? service, this.stopping.signal);
    try {
      await this.publishFrom(await this.checkpoint.takeOver(), turn.lost);
    } finally {
      await turn.release();
    }
  }

  /**
   * Sends batch after batch. While one is sent, the next is read and made where more waits, and the checkpoint is moved to the one
   * before: it follows the transport's answer, but nobody waits for it.
   */
  private async publishFrom(start: Position | null, lost: AbortSignal): Promise<void> {
    let position = start;
    let next: Promise<Batch> | null = null;
    let moved: Promise<void> = Promise.resolve();
    try {
      while (!this.stopping.signal.aborted) {
        if (lost.aborted) throw new RelayFenced(this.options.service);
        const batch: Batch = await (next ?? this.read(position));
        next = null;
        if (batch.end !== null) {
          position = batch.end;
          if (batch.full && batch.refused === null) next = this.read(position);
          this.pendingSince = batch.since;
          await this.send(batch.messages);
          await moved;
          moved = heard(this.checkpoint.move(position));
          this.lastPublished = Date.now();
        }
        this.standBefore(batch);
        if (!batch.full) await this.news(position, moved);
      }
      await moved;
    } finally {
      await Promise.allSettled([next, moved]);
    }
  }

  private read(after: Position | null): Promise<Batch> {
    return heard(readBatch(this.options.log.store, after, this.batchSize, this.publishing));
  }

  /** @throws UnpublishableEvent for the first event that can't be sent */
  private standBefore({ full, refused }: Batch): void {
    this.blockage = refused?.blockage ?? null;
    if (!full) this.pendingSince = null;
    if (refused === null) return;
    this.pendingSince = refused.since;
    throw new UnpublishableEvent(refused.blockage.reason);
  }

  private async news(position: Position | null, moved: Promise<void>): Promise<void> {
    const { watch } = this.options.log;
    const { signal } = this.stopping;
    await Promise.all([moved, watch.waitBeyond(position, this.options.pollMs ?? 1_000, signal)]);
  }

  /** In log order within each topic: a topic is one call. */
  private async send(outgoing: readonly OutgoingMessage[]): Promise<void> {
    const byTopic = new Map<string, TransportMessage[]>();
    for (const message of outgoing) {
      const batch = byTopic.get(message.topic) ?? [];
      batch.push(message);
      byTopic.set(message.topic, batch);
    }
    for (const [name, messages] of byTopic) await this.options.transport.send(name, messages);
    this.published.add(outgoing.length, { service: this.options.service });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopping.signal.aborted) this.wakeUp();
    });
  }
}

/** Goes on beside other work; its failure is met where it is awaited. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
