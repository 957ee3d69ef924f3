import type { EventLog, Position, StoredEvent } from '@kwanus/event-store';
import { metrics, type ObservableCallback } from '@opentelemetry/api';
import type { Publisher } from '../consumer.port.js';
import type { Transport, TransportMessage } from '../transport.port.js';
import { RelayCheckpoint, type RelayProgress } from './checkpoint.js';
import { RelayFenced, UnpublishableEvent } from './errors.js';
import { toMessage } from './publish.js';
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

/** The event that a relay can't publish, and why: nothing of its log goes out until code that knows it runs. */
export interface RelayBlockage {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly reason: string;
}

type OutgoingMessage = TransportMessage & { readonly topic: string };

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
    for (let at = 0; at < events.length; at += this.batchSize)
      await this.publish(events.slice(at, at + this.batchSize));
    return events.length;
  }

  private get batchSize(): number {
    return this.options.batchSize ?? 500;
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
      let position = await this.checkpoint.takeOver();
      while (!this.stopping.signal.aborted) {
        if (turn.lost.aborted) throw new RelayFenced(service);
        position = await this.step(position);
      }
    } finally {
      await turn.release();
    }
  }

  private async step(position: Position | null): Promise<Position | null> {
    const events = await this.options.log.store.readAll(position, this.batchSize);
    if (events.length === 0) {
      this.pendingSince = null;
      this.blockage = null;
      await this.options.log.watch.waitBeyond(position, this.options.pollMs ?? 1_000, this.stopping.signal);
      return position;
    }
    return this.publishUpToRefused(events, position);
  }

  /** Sends what comes before the first event that can't be published. @throws UnpublishableEvent */
  private async publishUpToRefused(
    events: readonly StoredEvent[],
    position: Position | null,
  ): Promise<Position | null> {
    this.pendingSince = events[0]?.recordedAt ?? null;
    const { fit, refused } = this.prepare(events);
    const last = events[fit.length - 1];
    if (last !== undefined) {
      await this.send(fit);
      await this.checkpoint.move(last.position);
      this.lastPublished = Date.now();
    }
    this.blockage = refused;
    if (refused === null) return last?.position ?? position;
    this.pendingSince = events[fit.length]?.recordedAt ?? null;
    throw new UnpublishableEvent(refused.reason);
  }

  private async publish(events: readonly StoredEvent[]): Promise<void> {
    const { fit, refused } = this.prepare(events);
    if (refused !== null) throw new UnpublishableEvent(refused.reason);
    await this.send(fit);
  }

  /** What can be sent, up to the first event that can not: one must not hold up those before it. */
  private prepare(events: readonly StoredEvent[]): {
    readonly fit: readonly OutgoingMessage[];
    readonly refused: RelayBlockage | null;
  } {
    const { service: name, topic, publisher } = this.options;
    const fit: OutgoingMessage[] = [];
    for (const event of events)
      try {
        fit.push(toMessage(event, { name, topic, publisher }));
      } catch (error) {
        if (!(error instanceof UnpublishableEvent)) throw error;
        const { streamId: stream, version, type } = event;
        return { fit, refused: { stream, version, type, reason: error.message } };
      }
    return { fit, refused: null };
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
