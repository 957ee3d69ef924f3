import { it } from '@jest/globals';
import type {
  ReceivedMessage,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportMessage,
} from '@kwanus/messaging';
import { pauseSince } from '../pause.js';

/** What the suite needs of an adapter beyond its port. */
export interface TransportHarness {
  /** Another transport on the same broker, as a process of its own would have. */
  readonly open: () => Promise<Transport>;
  /** The process that holds this transport is killed: no goodbye, nothing more is committed. */
  readonly crashMember: (transport: Transport) => Promise<void>;
  /** How long to wait for what must come, in milliseconds: covers a rebalance after a crash. */
  readonly patience: number;
  readonly close: () => Promise<void>;
}

/** What one member of a group was given. */
export class Recorder {
  readonly messages: ReceivedMessage[] = [];
  readonly troubles: unknown[] = [];

  readonly handler = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    this.messages.push(...batch);
  };

  get texts(): string[] {
    return this.messages.map(({ body }) => (body === null ? '' : Buffer.from(body).toString()));
  }
}

/** @returns a message whose body is the text */
export const message = (
  key: string | null,
  body: string,
  headers: Record<string, string> = {},
): TransportMessage => ({ key, headers, body: Buffer.from(body) });

/** @returns `key:from`, `key:from+1` …, one message each */
export const numbered = (key: string, count: number, from = 1): TransportMessage[] =>
  Array.from({ length: count }, (_, index) => message(key, `${key}:${from + index}`));

/** @returns the texts of `numbered(key, count)` */
export const expected = (key: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${key}:${index + 1}`);

/** @returns the texts of a key in the order in which each came first: a repeat is allowed, another order is not */
export const firstOfEach = (texts: readonly string[], key: string): string[] => [
  ...new Set(texts.filter((entry) => entry.startsWith(`${key}:`))),
];

/** A promise and its resolver. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** How long one case may take, however patient the harness is. */
const BOUND = 180_000;

/** What the cases share: transports, topics and groups of their own, all closed after each case. */
export class TransportSuite {
  private readonly run = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  private readonly open: Transport[] = [];
  private readonly subscriptions: Subscription[] = [];
  private topics = 0;
  private started: TransportHarness | undefined;

  constructor(private readonly makeHarness: () => Promise<TransportHarness>) {}

  async start(): Promise<void> {
    this.started = await this.makeHarness();
  }

  async afterCase(): Promise<void> {
    await Promise.all(this.subscriptions.splice(0).map((subscription) => subscription.stop()));
    await Promise.all(this.open.splice(0).map((transport) => transport.close()));
  }

  close(): Promise<void> {
    return this.harness.close();
  }

  /** One case, bounded. */
  test(title: string, work: () => Promise<void>): void {
    it(title, work, BOUND);
  }

  async connect(): Promise<Transport> {
    const transport = await this.harness.open();
    this.open.push(transport);
    return transport;
  }

  /** Kills the process that holds the transport. */
  async crash(transport: Transport): Promise<void> {
    this.open.splice(this.open.indexOf(transport), 1);
    await this.harness.crashMember(transport);
  }

  /** @returns the name of a topic that nobody else uses */
  async createTopic(transport: Transport, partitions = 1): Promise<string> {
    this.topics += 1;
    const name = `contract.${this.run}.${this.topics}`;
    await transport.ensureTopics([{ name, partitions, retentionMs: -1 }]);
    return name;
  }

  /** @returns a group of the latest topic's own */
  group(name = 'group'): string {
    return `${name}.${this.run}.${this.topics}`;
  }

  async join(
    transport: Transport,
    options: Omit<SubscribeOptions, 'group'> & { group?: string },
  ): Promise<Subscription> {
    const subscription = await transport.subscribe({ group: this.group(), ...options });
    this.subscriptions.push(subscription);
    return subscription;
  }

  /** Joins with a handler that keeps what it is given. */
  async record(
    transport: Transport,
    topic: string,
    options: Partial<SubscribeOptions> = {},
  ): Promise<Recorder> {
    const recorder = new Recorder();
    await this.join(transport, {
      topics: [topic],
      handler: recorder.handler,
      onTrouble: (error) => recorder.troubles.push(error),
      ...options,
    });
    return recorder;
  }

  /** @throws Error naming what did not come within the harness's patience */
  async eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const { patience } = this.harness;
    const begun = performance.now();
    while (!(await holds())) {
      if (performance.now() - begun > patience) throw new Error(`Not within ${patience} ms: ${what}`);
      await pauseSince(begun);
    }
  }

  private get harness(): TransportHarness {
    if (this.started === undefined) throw new Error('The suite has not been started.');
    return this.started;
  }
}
