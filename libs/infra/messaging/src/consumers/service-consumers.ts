import type { EventStore, UnitOfWork } from '@kwanus/event-store';
import { metrics, type ObservableCallback } from '@opentelemetry/api';
import { type ConsumerDefinition, Consumers, type IntegrationMessage } from '../consumer.port.js';
import type { ReceivedMessage, Subscription, Transport } from '../transport.port.js';
import { BatchProcessor } from './batch-processor.js';
import type { ConsumerContext } from './context.js';
import { reasonOf } from './errors.js';
import { Inbox } from './inbox.js';
import { KeyProcessor } from './key-processor.js';
import { MessageHandler } from './message-handler.js';
import { type ConsumerInHand, ParkedMessages } from './parked-messages.js';
import { Parking } from './parking.js';
import { ConsumerRecord } from './record.js';
import { Redriver } from './redriver.js';

/** What the consumers of a service need. */
export interface ConsumersOptions {
  /** `intake`: the actor of what they append is `system:intake`. */
  readonly service: string;
  /** Schema of the log; by default the service's name. */
  readonly schema?: string;
  readonly log: { readonly store: EventStore; readonly work: UnitOfWork };
  readonly transport: Transport;
  /** Called before each message that has a handler, within its trace; again when it is tried again. */
  readonly onMessage?: (message: IntegrationMessage, consumer: string) => void;
  /** What must not stay unheard: a partition that stopped, a message that was parked. Called again while it lasts. */
  readonly onTrouble?: (error: unknown, consumer: string, parked?: ReceivedMessage) => void;
}

interface RegisteredConsumer extends ConsumerInHand {
  readonly definition: ConsumerDefinition;
  readonly processor: BatchProcessor;
}

const FOR_EVER = -1;
/** So long it is known of every message that it came: what is older is known by its version alone. */
const INBOX_KEPT = '30 days';
const PRUNED_AT_ONCE = 5_000;

/** The consumers of one service. Register them, then start; registering later starts at once. */
export function openConsumers(options: ConsumersOptions): ServiceConsumers {
  return new ServiceConsumers(options);
}

/** See openConsumers. */
export class ServiceConsumers extends Consumers {
  override readonly parked: ParkedMessages;
  private readonly consumers = new Map<string, RegisteredConsumer>();
  private readonly subscriptions: Subscription[] = [];
  private started = false;
  private readonly stopping = new AbortController();
  private readonly meter = metrics.getMeter('kwanus');
  private readonly parkedCount = this.meter.createCounter('kwanus.consumer.parked');
  private readonly skippedCount = this.meter.createCounter('kwanus.consumer.skipped');
  private readonly lagGauge = this.meter.createObservableGauge('kwanus.consumer.lag', {
    description: 'Messages behind the committed positions',
  });

  constructor(private readonly options: ConsumersOptions) {
    super();
    this.parked = new ParkedMessages(this.consumers, this.stopping.signal);
  }

  override register(definition: ConsumerDefinition): void {
    const context = this.contextOf(definition);
    const handler = new MessageHandler(definition, context);
    const redriver = new Redriver(handler, context);
    const keys = new KeyProcessor(handler, redriver, context);
    const processor = new BatchProcessor(handler, keys, context);
    const { name, source } = definition;
    this.consumers.set(name, { name, source, definition, context, redriver, processor });
    if (this.started) void this.subscribe(definition).catch((error: unknown) => this.trouble(error, name));
  }

  async start(): Promise<void> {
    this.started = true;
    this.lagGauge.addCallback(this.observeLag);
    for (const { definition } of this.consumers.values()) await this.subscribe(definition);
  }

  /** Finishes what is in hand, commits, leaves the groups; a re-drive ends after the message that it is at. For good. */
  async stop(): Promise<void> {
    this.started = false;
    this.stopping.abort();
    this.lagGauge.removeCallback(this.observeLag);
    await Promise.all(this.subscriptions.splice(0).map((subscription) => subscription.stop()));
  }

  /** Of the consumers that are registered. */
  get names(): readonly string[] {
    return [...this.consumers.keys()];
  }

  /** Messages behind the committed positions, by consumer; null where the transport does not say. */
  async lag(): Promise<ReadonlyMap<string, number | null>> {
    const lags = new Map<string, number | null>();
    for (const consumer of this.consumers.keys()) {
      const lag = await this.options.transport.lag(consumer).catch(() => null);
      lags.set(consumer, lag === null ? null : [...lag.values()].reduce((sum, behind) => sum + behind, 0));
    }
    return lags;
  }

  /** Forgets messages of long ago, a short transaction at a time. @returns how many */
  async prune(): Promise<number> {
    const { log, schema = this.options.service } = this.options;
    const inbox = `"${schema}".es_inbox`;
    for (let pruned = 0; ; ) {
      const gone = await log.work.query(
        `WITH gone AS (DELETE FROM ${inbox} WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM ${inbox} WHERE handled_at < clock_timestamp() - interval '${INBOX_KEPT}' LIMIT ${PRUNED_AT_ONCE}))
         RETURNING 1 AS gone) SELECT gone FROM gone`,
      );
      pruned += gone.length;
      if (gone.length < PRUNED_AT_ONCE) return pruned;
    }
  }

  private readonly observeLag: ObservableCallback = async (result) => {
    for (const [consumer, behind] of await this.lag()) result.observe(behind ?? 0, { consumer });
  };

  private async subscribe(definition: ConsumerDefinition): Promise<void> {
    const { transport } = this.options;
    await transport.ensureTopics([{ name: `${definition.name}.dlq`, partitions: 1, retentionMs: FOR_EVER }]);
    const subscription = await transport.subscribe({
      group: definition.name,
      topics: [definition.topic],
      from: 'earliest',
      handler: (batch, { signal }) => this.handle(definition.name, batch, signal),
      onTrouble: (error) => this.trouble(error, definition.name),
    });
    this.subscriptions.push(subscription);
  }

  private async handle(name: string, batch: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    await this.consumers.get(name)?.processor.process(batch, signal);
  }

  private contextOf({ name }: ConsumerDefinition): ConsumerContext {
    const { service, log } = this.options;
    const schema = this.options.schema ?? service;
    return {
      service,
      work: log.work,
      inbox: new Inbox(log.work, name, schema),
      parking: new Parking(log.work, name, schema),
      record: new ConsumerRecord(log.store, name, service),
      handling: (message) => this.options.onMessage?.(message, name),
      parked: (message, error) => this.copyToDeadLetters(name, message, error),
      skipped: (standing) => this.skippedCount.add(1, { consumer: name, standing }),
    };
  }

  /** The table is the truth; the copy is for other tools, and its failure is no reason to stop. */
  private async copyToDeadLetters(name: string, message: ReceivedMessage, error: unknown): Promise<void> {
    this.parkedCount.add(1, { consumer: name });
    if (error !== null) this.options.onTrouble?.(error, name, message);
    const reason = error === null ? 'waits behind a parked message' : reasonOf(error);
    const headers = {
      ...message.headers,
      kwanus_reason: reason.slice(0, 2000),
      kwanus_topic: message.topic,
      kwanus_partition: String(message.partition),
      kwanus_position: message.position,
    };
    await this.options.transport
      .send(`${name}.dlq`, [{ key: message.key, headers, body: message.body }])
      .catch((failure: unknown) => this.trouble(failure, name));
  }

  private trouble(error: unknown, consumer: string): void {
    this.options.onTrouble?.(error, consumer);
  }
}
