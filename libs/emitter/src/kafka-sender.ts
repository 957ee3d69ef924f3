import { createRequire } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { TOPICS } from '@kwanus/contracts';
import type { ISocketFactory, Message, Producer } from 'kafkajs';
import type { CloudEvent } from './cloud-event.js';
import type { KafkaTarget } from './options.js';
import type { Attempt, Batch, Sender } from './sender.js';
import { within } from './within.js';

const ALL_REPLICAS = -1;
/** Above what kafkajs itself needs for its repetitions, which the broker recognises. */
const ATTEMPT_MS = 20_000;
const NOT_TO_BE_REPEATED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'MESSAGE_TOO_LARGE',
  'INVALID_RECORD',
]);

/** Sends to the telemetry topic: CloudEvents, binary mode of the Kafka protocol binding. Its connections don't keep the process alive. */
export class KafkaSender implements Sender {
  readonly #target: KafkaTarget;
  #producer: Promise<Producer> | null = null;

  /** @throws TypeError when kafkajs is not installed, or no broker is named */
  constructor(target: KafkaTarget) {
    if (target.brokers.length === 0) throw new TypeError('Name at least one broker.');
    try {
      createRequire(import.meta.url).resolve('kafkajs');
    } catch (cause) {
      throw new TypeError('To send over Kafka install kafkajs beside @kwanus/client: npm i kafkajs', {
        cause,
      });
    }
    this.#target = target;
  }

  async send({ events }: Batch, signal: AbortSignal): Promise<Attempt> {
    let handedOver = false;
    try {
      this.#producer ??= connect(this.#target);
      const producer = await within(this.#producer, ATTEMPT_MS, signal);
      handedOver = true;
      const { name: topic } = TOPICS.telemetry;
      const sent = producer.send({ topic, acks: ALL_REPLICAS, messages: events.map(toMessage) });
      await within(sent, ATTEMPT_MS, signal);
      return { outcome: 'taken' };
    } catch (error) {
      // Other messages under the sequence numbers of these could be taken for their repetition: a new producer.
      this.#forget();
      if (isFinal(error)) return { outcome: 'refused', error };
      return { outcome: 'later', known: !handedOver, error };
    }
  }

  /** A connection of kafkajs looks for pending requests every millisecond until it ends, by a timer that keeps the process alive. */
  idle(): void {
    this.#forget();
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => null);
    await producer?.disconnect().catch(() => undefined);
  }

  #forget(): void {
    void this.close();
    this.#producer = null;
  }
}

async function connect({ brokers, clientId, sasl, ssl }: KafkaTarget): Promise<Producer> {
  const { Kafka, logLevel } = await import('kafkajs');
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: clientId ?? 'kwanus-client',
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined
      ? {}
      : { sasl: sasl as { mechanism: 'plain'; username: string; password: string } }),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    // Its own watch over requests is a timer that keeps the process alive; `within` watches instead.
    enforceRequestTimeout: false,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 },
    socketFactory,
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return producer;
}

const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket =
    ssl === undefined || ssl === null
      ? net.connect({ host, port }, onConnect)
      : tls.connect({ host, port, ...servername, ...ssl }, onConnect);
  return socket.setKeepAlive(true, 60_000).unref();
};

const toMessage = ({ specversion, id, source, type, data }: CloudEvent): Message => ({
  key: data.integration,
  headers: {
    ce_specversion: specversion,
    ce_id: id,
    ce_source: source,
    ce_type: type,
    'content-type': 'application/json',
  },
  value: JSON.stringify(data),
});

function isFinal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, type, cause } = error as { name?: unknown; type?: unknown; cause?: unknown };
  return name === 'KafkaJSSASLAuthenticationError' || NOT_TO_BE_REPEATED.has(String(type)) || isFinal(cause);
}
