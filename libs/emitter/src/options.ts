/** Not valid, no room, refused by the platform, not reachable in time, still there when the emitter was closed. */
export type DropReason = 'invalid' | 'full' | 'refused' | 'unreachable' | 'closed';

/** Who speaks, and within what bounds. */
export interface EmitterBounds {
  /** Which service speaks: the CloudEvents source, for example `acme/checkout`. */
  readonly source: string;
  /** Events that are sent together. Default 200; the platform takes 1000 at most. */
  readonly batchSize?: number;
  /** How long the first of a batch waits for others. Default 1000 ms. */
  readonly flushMs?: number;
  /** What may wait in memory; more is dropped, and counted. Default 10 000. */
  readonly maxBuffered?: number;
  /** Attempts for a batch before it is dropped, and counted. Default 30: some four minutes. */
  readonly maxAttempts?: number;
  /** The first pause between attempts; doubled each time, with jitter, at most 10 s. Default 500 ms. */
  readonly retryMs?: number;
  /**
   * Hears of everything that is dropped, once. What it throws is ignored. Without it the process gets one warning a reason.
   */
  readonly onDrop?: (reason: DropReason, count: number, error: unknown) => void;
}

/** The platform, and as whom. */
export interface HttpTarget {
  /** The platform, for example `https://kwanus.example`. */
  readonly url: string;
  /** Bearer token of a service, or where to get a fresh one; asked for every batch. */
  readonly token: string | (() => string | Promise<string>);
}

/** The brokers, and how to log in. Needs the package `kafkajs` beside this one. */
export interface KafkaTarget {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. Default: `kwanus-client`. */
  readonly clientId?: string;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** TLS; the texts are PEM. */
  readonly ssl?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Over HTTP: `url` and `token`. */
export interface OverHttp extends HttpTarget {
  readonly kafka?: undefined;
}

/** Over Apache Kafka: `kafka`. */
export interface OverKafka {
  readonly kafka: KafkaTarget;
  readonly url?: undefined;
}

/** Where to, as whom, and within what bounds. */
export type EmitterOptions = EmitterBounds & (OverHttp | OverKafka);
