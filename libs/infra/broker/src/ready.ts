// `node ready.js ADDRESS [USER PASSWORD [CA-FILE]]`: exit code 0 when a broker hands out groups and takes messages, else 1 with the reason. Leaves nothing on it.
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';

const TOPIC = 'kwanus.ready';
const [address = '', username, password = '', caFile] = process.argv.slice(2);

const kafka = new Kafka({
  brokers: [address],
  logLevel: logLevel.NOTHING,
  connectionTimeout: 2_000,
  retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 500 },
  ...(username === undefined ? {} : { sasl: { mechanism: 'scram-sha-512' as const, username, password } }),
  ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile) } }),
});

async function probe(): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.describeCluster();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }], waitForLeaders: true });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic: TOPIC, messages: [{ value: 'ready?' }] });
  await producer.disconnect();
  await join();
  await admin.deleteTopics({ topics: [TOPIC] });
  await admin.deleteGroups([TOPIC]);
  await admin.disconnect();
}

/** Resolves when the group coordinator has taken a member and given it the message. */
async function join(): Promise<void> {
  const consumer = kafka.consumer({ groupId: TOPIC, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({ eachMessage: async () => resolve() }).catch(reject);
  });
  await consumer.disconnect();
}

const timer = setTimeout(() => end('It does not answer.'), 20_000);
function end(reason: string | null): never {
  clearTimeout(timer);
  if (reason !== null) console.error(reason);
  process.exit(reason === null ? 0 : 1);
}
probe().then(
  () => end(null),
  (error: unknown) => end(String(error)),
);
