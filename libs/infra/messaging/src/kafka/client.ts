import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';
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
const REQUEST_MS = 30_000;

/** The way to the brokers; every connection of a transport is made here, so that a crash can be played. */
export class KafkaClient {
  readonly kafka: Kafka;
  private readonly sockets = new Set<net.Socket>();
  private dead = false;

  constructor(options: KafkaTransportOptions) {
    withoutNegativeTimeoutWarning();
    this.kafka = new Kafka({
      ...reach(options),
      clientId: options.clientId,
      // What it would log reaches us as errors and events; its own lines call every rebalance an error.
      logLevel: logLevel.NOTHING,
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
      socketFactory: this.connect,
    });
  }

  /** For tests of a crash: every connection breaks off, and none can be made any more. */
  crash(): void {
    this.dead = true;
    // Without an error kafkajs does not notice a socket's end, and waits for the answer of every request in flight.
    for (const socket of this.sockets) socket.destroy(new TransportUnavailable('The transport is closed.'));
  }

  private readonly connect: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.dead) return refused();
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket =
      ssl === undefined || ssl === null
        ? net.connect({ host, port }, onConnect)
        : tls.connect({ host, port, ...servername, ...ssl }, onConnect);
    socket.setKeepAlive(true, 60_000);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };
}

function reach({ brokers, sasl, tls: security }: KafkaTransportOptions): KafkaConfig {
  const ca = security?.caFile === undefined ? {} : { ca: readFileSync(security.caFile) };
  return {
    brokers: [...brokers],
    ...(security === undefined ? {} : { ssl: ca }),
    ...(sasl === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', ...sasl } }),
  };
}

function refused(): net.Socket {
  const socket = new net.Socket();
  setImmediate(() => socket.destroy(new TransportUnavailable('The transport is closed.')));
  return socket;
}
