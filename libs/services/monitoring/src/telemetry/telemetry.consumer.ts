import { TOPICS } from '@kwanus/contracts';
import type { Clock } from '@kwanus/kernel';
import { type Subscription, Transport } from '@kwanus/messaging';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { MonitoringRules } from '../monitoring-rules.js';
import { OpenWindowsStore } from './open-windows.store.js';
import type { Partition } from './partition.js';
import { TelemetryFolder } from './telemetry-folder.js';

/** Consumer group of the telemetry topic. */
export const TELEMETRY_GROUP = 'monitoring.telemetry';

const LONGEST_POLL_MS = 5_000;
const MAX_BATCH = 1_000;

/** Reads the telemetry topic from where the folder stands (its own positions, not the group's), and seals by the clock. */
@Injectable()
export class TelemetryConsumer {
  readonly #log = new Logger('TelemetryConsumer');
  #subscription: Subscription | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sealing: Promise<void> = Promise.resolve();

  constructor(
    private readonly transport: Transport,
    private readonly folder: TelemetryFolder,
    private readonly windows: OpenWindowsStore,
    private readonly rules: MonitoringRules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Joins the group and begins to seal. */
  async start(): Promise<void> {
    const { transport, folder } = this;
    const { windowMs } = this.rules.windows;
    await transport.ensureTopics([TOPICS.telemetry]);
    this.#subscription = await transport.subscribe({
      group: TELEMETRY_GROUP,
      topics: [TOPICS.telemetry.name],
      from: 'earliest',
      maxBatch: MAX_BATCH,
      handler: (batch, { topic, partition }) => folder.fold({ topic, partition }, batch),
      startAt: (topic, partition, end) => this.#startOf({ topic, partition }, end),
      onTrouble: (error) => this.#log.error('The telemetry topic can’t be read for the moment.', error),
    });
    this.#timer = setInterval(() => this.#seal(), Math.min(windowMs / 2, LONGEST_POLL_MS));
    this.#timer.unref();
  }

  /** What was counted of a topic that was made anew says nothing about its positions; the ids of what was counted are known still. */
  async #startOf(partition: Partition, end: string): Promise<string | null> {
    const last = await this.windows.lastPosition(partition);
    if (last === null) return null;
    const next = this.transport.positionAfter(last);
    if (this.transport.comparePositions(next, end) <= 0) return next;
    this.#log.warn(
      `${partition.topic}/${partition.partition} ends at ${end}, and was counted to ${last}: the topic was made anew. It is counted from its beginning.`,
    );
    await this.windows.forgetPosition(partition, last);
    return null;
  }

  /** Finishes what is in hand and leaves the group. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#sealing;
    await this.#subscription?.stop();
    this.#subscription = null;
  }

  /**
   * Seals windows of partitions that were read to their end and whose telemetry has stopped. A partition with messages in wait is
   * left alone: its telemetry will seal its windows, and sealing before it would make it late.
   */
  async sealOverdue(): Promise<void> {
    const { transport, windows, clock, folder } = this;
    const overdue = await windows.overdue(clock.now() - 2 * this.rules.windows.watermarkMs);
    if (overdue.length === 0) return;
    const lag = await transport.lag(TELEMETRY_GROUP);
    const places = new Map(
      overdue.map(({ topic, partition }) => [`${topic}/${partition}`, { topic, partition }]),
    );
    for (const [place, partition] of places) {
      if ((lag.get(place) ?? 0) > 0) continue;
      const integrations = overdue.filter((entry) => `${entry.topic}/${entry.partition}` === place);
      await folder
        .sealByClock(
          partition,
          integrations.map(({ integration }) => integration),
        )
        .catch((error: unknown) =>
          this.#log.error(`Windows of ${place} could not be sealed by the clock; it is tried again.`, error),
        );
    }
  }

  #seal(): void {
    this.#sealing = this.#sealing
      .then(() => this.sealOverdue())
      .catch((error: unknown) =>
        this.#log.error('Windows could not be sealed by the clock; it is tried again.', error),
      );
  }
}
