import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { TransportRefused } from '../errors.js';
import { faultAtStart, faultOf } from './faults.js';
import { Sockets } from './sockets.js';
import { withoutNegativeTimeoutWarning } from './warnings.js';

/** How to reach the brokers, and how patient to be. */
export interface KafkaTransportOptions {
  /** `host:port` of one or more brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
  /** Logs in by SASL/SCRAM-SHA-512. */
  readonly sasl?: { readonly username: string; readonly password: string };
  /** TLS; `caFile` is a PEM file of the authority that signed the brokers' certificates, where it is not a public one. */
  readonly tls?: { readonly caFile?: string };
  /** How long a silent member keeps its partitions. Default 10 s. */
  readonly sessionTimeoutMs?: number;
  /** What no caller hears of. */
  readonly onTrouble?: (error: unknown) => void;
}

/** A connection that is not made within this time is given up, milliseconds. */
const CONNECT_MS = 5_000;
/** A request that is not answered within this time has failed, milliseconds. */
const REQUEST_MS = 15_000;
/** A goodbye that takes longer is cut short, milliseconds. */
const DISCONNECT_MS = 5_000;

/** A client with connections of its own, which can be broken off together. */
export interface KafkaLink {
  readonly kafka: Kafka;
  /** Every connection breaks off, and none can be made any more. */
  readonly breakOff: () => void;
  /** Says goodbye as kafkajs does, and breaks off what is left when that takes too long: it waits for answers that may never come. */
  readonly end: (client: { disconnect: () => Promise<void> }) => Promise<void>;
  /** What an error of this client means for the caller. */
  readonly faultOf: (error: unknown) => Error;
  /** What it is asked, its errors in our terms. */
  readonly ask: <T>(question: () => Promise<T>) => Promise<T>;
}

/** The way to the brokers: every link of a transport is made here. */
export class KafkaClient {
  private readonly links = new Set<KafkaLink>();
  private readonly reach: KafkaConfig;

  /** @throws TransportRefused when the authority's file can't be read */
  constructor(private readonly options: KafkaTransportOptions) {
    withoutNegativeTimeoutWarning();
    this.reach = reachOf(options);
  }

  link(): KafkaLink {
    const sockets = new Sockets();
    let lastRefusal = '';
    const kafka = new Kafka({
      ...this.reach,
      clientId: this.options.clientId,
      // kafkajs swallows why a group's coordinator was not found, and logs it; all else reaches us as errors and events, and its
      // own lines call every rebalance an error.
      logLevel: logLevel.ERROR,
      logCreator:
        () =>
        ({ log }) => {
          if (log['error'] !== undefined) lastRefusal = String(log['error']);
        },
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
      socketFactory: sockets.connect,
    });
    const link: KafkaLink = {
      kafka,
      breakOff: () => {
        this.links.delete(link);
        sockets.breakOff();
      },
      end: async (client) => {
        const bound = delay(DISCONNECT_MS, undefined, { ref: false });
        await Promise.race([client.disconnect().catch(() => undefined), bound]);
        link.breakOff();
      },
      faultOf: (error) => faultOf(error, lastRefusal, this.options.sasl?.username),
      ask: async (question) => {
        try {
          return await question();
        } catch (error) {
          throw link.faultOf(error);
        }
      },
    };
    this.links.add(link);
    return link;
  }

  /**
   * Connects for the first time, and asks something that needs to be let in.
   * @throws TransportUnavailable, TransportRefused
   */
  async greet(admin: Admin): Promise<void> {
    try {
      await admin.connect();
      await admin.describeCluster();
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw faultAtStart(error, this.options);
    }
  }

  /** For tests of a crash: every connection breaks off, and none can be made any more. */
  crash(): void {
    for (const link of this.links) link.breakOff();
  }
}

function reachOf({ brokers, sasl, tls: security }: KafkaTransportOptions): KafkaConfig {
  return {
    brokers: [...brokers],
    ...(security === undefined
      ? {}
      : { ssl: security.caFile === undefined ? {} : { ca: readAuthority(security.caFile) } }),
    ...(sasl === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', ...sasl } }),
  };
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new TransportRefused(
      `The certificate authority's file ${file} can't be read. Name a PEM file (KWANUS_KAFKA_CA_FILE).`,
      { cause },
    );
  }
}
