import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Broker } from '@kwanus/broker';
import { openEventLog } from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import { openRelay } from '@kwanus/messaging';
import { openKafkaTransport } from '@kwanus/messaging/kafka';
import { publisherTo } from '@kwanus/testing-infra/notes';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

/** Over Apache Kafka; ours beside bare kafkajs, which sends the very messages that ours sent. */
export const kafkaCases = [
  /** A filled log until its last message is acknowledged; a latency is that of a batch of 500. */
  { name: 'relay_500', measure: throughput },
  /** 500 events a second; from the append to the commit of another service's effect, and from produce to consume. */
  { name: 'e2e_500_per_s', measure: endToEnd },
];

const BATCH = 500;
const FILLED = 10_000;
const STREAMS = 200;
const PARTITIONS = 6;
const RATE_PER_S = 500;
const PACE_MS = 10;
/** Events for processes that have just begun, as services have long been running. */
const WARM_UP = 1_000;
const PATIENCE_MS = 60_000;
/** The default of a log: hints carry the load. */
const POLL_MS = 250;
const CHILD = fileURLToPath(new URL('../libs/testing/infra/kafka-process.mjs', import.meta.url));
/** As stored: what a withdrawal says, about 300 bytes with its envelope. */
const REASON = 'The contract grew compatibly; the two new operations are documented and have schemas. ';

/**
 * A broker (KAFKA_BROKERS, or one of its own) and two logs on the given database.
 * @returns {Promise<{ peers: string[], run(testCase, peer, seconds): Promise<{ operations, latencies, ms, cpuMs }>, close(): Promise<void> }>}
 */
export async function openKafka(url) {
  const given = process.env.KAFKA_BROKERS;
  const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'kwanus-bench-kafka-')) : null;
  const broker = folder === null ? null : new Broker(folder);
  await broker?.start();
  const brokers = (given ?? broker.address).split(',');
  const topic = `bench.${randomUUID()}`;
  const log = openEventLog({
    databaseUrl: url,
    migrationUrl: url,
    schema: 'intake',
    clock: systemClock,
  });
  const effects = openEventLog({
    databaseUrl: url,
    migrationUrl: url,
    schema: 'rollout',
    clock: systemClock,
  });
  await log.start();
  await effects.start();
  const transport = await openKafkaTransport({ brokers, clientId: 'bench' });
  // What fills the log goes to a topic of its own: else whoever measures end to end works it off first.
  const filledTopic = `${topic}.filled`;
  for (const name of [topic, filledTopic, `${topic}.bare`])
    await transport.ensureTopics([{ name, partitions: PARTITIONS, retentionMs: -1 }]);
  const kafka = new Kafka({ brokers, clientId: 'bench-bare', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const admin = kafka.admin();
  await admin.connect();
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const { rows } = await sql.query('SHOW track_commit_timestamp');
  if (rows[0].track_commit_timestamp !== 'on')
    throw new Error(
      'Start PostgreSQL with track_commit_timestamp=on: an effect is there when it is committed.',
    );
  const bench = {
    url,
    brokers,
    topic,
    filledTopic,
    log,
    transport,
    kafka,
    producer,
    admin,
    sql,
    messages: [],
  };
  return {
    peers: ['ours', 'kafkajs'],
    run: (testCase, peer, seconds) => testCase.measure(bench, peer, seconds),
    close: async () => {
      await Promise.all([producer.disconnect(), admin.disconnect(), transport.close(), sql.end()]);
      await Promise.all([log.stop(), effects.stop()]);
      await broker?.stop();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function throughput(bench, peer) {
  if (bench.messages.length === 0) await sentByOurs(bench);
  return peer === 'ours' ? relayed(bench) : produced(bench);
}

/** Runs ours once, so that both send the same bytes. */
async function sentByOurs(bench) {
  const from = await ends(bench, bench.filledTopic);
  await relayed(bench);
  const consumer = bench.kafka.consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topics: [bench.filledTopic], fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { offset, key, value, headers } of batch.messages)
        if (Number(offset) >= (from.get(batch.partition) ?? 0)) bench.messages.push({ key, value, headers });
    },
  });
  await until(() => bench.messages.length >= FILLED, 'what ours sent');
  await consumer.disconnect();
  bench.messages.length = FILLED;
}

async function relayed({ url, filledTopic: topic, log, transport, admin }) {
  for (let nr = 0; nr < FILLED / BATCH; nr += 1) await fill(log, BATCH);
  const target = total(await ends({ admin }, topic)) + FILLED;
  const latencies = [];
  let last = 0;
  const send = async (...args) => {
    const start = performance.now();
    await transport.send(...args);
    last = performance.now();
    latencies.push(last - start);
  };
  const relay = openRelay({
    service: 'intake',
    topic,
    publisher: publisherTo(topic),
    log,
    transport: Object.create(transport, { send: { value: send } }),
    url,
    batchSize: BATCH,
  });
  const cpu = process.cpuUsage();
  const began = performance.now();
  relay.start();
  await until(() => latencies.length >= FILLED / BATCH, 'the relay');
  await until(async () => total(await ends({ admin }, topic)) >= target, 'the last message');
  const used = process.cpuUsage(cpu);
  await relay.stop();
  return { operations: FILLED, latencies, ms: last - began, cpuMs: (used.user + used.system) / 1000 };
}

async function produced({ topic, producer, messages }) {
  const latencies = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let from = 0; from < messages.length; from += BATCH) {
    const start = performance.now();
    await producer.send({ topic: `${topic}.bare`, acks: -1, messages: messages.slice(from, from + BATCH) });
    latencies.push(performance.now() - start);
  }
  const ms = performance.now() - began;
  const used = process.cpuUsage(cpu);
  return { operations: messages.length, latencies, ms, cpuMs: (used.user + used.system) / 1000 };
}

function endToEnd(bench, peer, seconds) {
  return peer === 'ours' ? appendToEffect(bench, seconds) : produceToConsume(bench, seconds);
}

async function appendToEffect({ url, brokers, topic, log, sql }, seconds) {
  const group = `rollout.${topic}`;
  const children = [];
  for (const role of ['relay', 'consumer'])
    children.push(await child({ role, url, topic, brokers, group, pollMs: POLL_MS }));
  const prefix = randomUUID();
  const count = seconds * RATE_PER_S;
  const through = async (events, text) => {
    const noted = await effects(sql);
    await paced(events, (nr) => append(log, `paced.s${nr % STREAMS}`, `${text}.${nr} ${REASON}`));
    await until(async () => (await effects(sql)) - noted >= events, 'every effect', 200);
  };
  await through(WARM_UP, 'warm');
  const before = children.map(cpuMs);
  await through(count, prefix);
  const used = children.reduce((sum, one, index) => sum + cpuMs(one) - before[index], 0);
  await Promise.all(children.map(ended));
  return { operations: count, ...(await spans(sql, prefix)), cpuMs: used };
}

/** How many there are: cheap, so that looking costs those who work nothing. */
async function effects(sql) {
  const { rows } = await sql.query(
    "SELECT coalesce(sum(version), 0)::int AS events FROM rollout.es_stream WHERE stream_type = 'notes'",
  );
  return rows[0].events;
}

/** From each append to the commit of its effect, and from the first append to the last commit. */
async function spans(sql, prefix) {
  const moments = async (schema, moment) => {
    const { rows } = await sql.query(
      `SELECT data::jsonb->>'reason' AS reason, extract(epoch FROM ${moment})::float8 * 1000 AS at
         FROM ${schema}.es_event WHERE data LIKE $1`,
      [`%${prefix}%`],
    );
    return new Map(rows.map(({ reason, at }) => [reason, at]));
  };
  const said = await moments('intake', 'recorded_at');
  const done = await moments('rollout', 'pg_xact_commit_timestamp(xid::xid)');
  const latencies = [...done].map(([reason, at]) => at - said.get(reason));
  return { latencies, ms: Math.max(...done.values()) - Math.min(...said.values()) };
}

async function produceToConsume(bench, seconds) {
  if (bench.messages.length === 0) await sentByOurs(bench);
  const { topic, kafka, producer, messages } = bench;
  const consumer = kafka.consumer({ groupId: randomUUID() });
  const latencies = [];
  const sent = new Map();
  await consumer.connect();
  await consumer.subscribe({ topics: [`${topic}.bare`], fromBeginning: false });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    eachMessage: async ({ message }) => {
      const start = sent.get(String(message.headers?.nr));
      if (start !== undefined) latencies.push(performance.now() - start);
    },
  });
  await joined;
  await pause(1_000);
  const count = seconds * RATE_PER_S;
  const cpu = process.cpuUsage();
  const began = performance.now();
  await paced(count, async (nr) => {
    const { key, value, headers } = messages[nr % messages.length];
    sent.set(String(nr), performance.now());
    await producer.send({
      topic: `${topic}.bare`,
      acks: -1,
      messages: [{ key, value, headers: { ...headers, nr: String(nr) } }],
    });
  });
  await until(() => latencies.length >= count, 'every message');
  const ms = performance.now() - began;
  const used = process.cpuUsage(cpu);
  await consumer.disconnect();
  return { operations: count, latencies, ms, cpuMs: (used.user + used.system) / 1000 };
}

/** Begins so many a second, whether or not those before are done. */
async function paced(count, work) {
  const began = performance.now();
  const running = [];
  for (let nr = 0; nr < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - began) / 1000) * RATE_PER_S));
    for (; nr < due; nr += 1) running.push(work(nr));
    await pause(PACE_MS);
  }
  await Promise.all(running);
}

let filled = 0;
async function fill(log, events) {
  filled += 1;
  await append(
    log,
    `filled.s${filled % STREAMS}`,
    ...Array.from({ length: events }, (_, nr) => `${nr} ${REASON}`),
  );
}

const append = (log, id, ...reasons) =>
  log.store.append({
    streamId: `integration-${id}`,
    streamType: 'integration',
    routingKey: id,
    expectedVersion: 'any',
    events: reasons.map((reason) => ({
      type: 'ReleaseWithdrawn',
      data: { integrationId: id, release: '1.0.0', reason },
    })),
    metadata: {
      actor: { id: 'person:a', kind: 'person' },
      correlationId: randomUUID(),
      causationId: null,
      commandId: randomUUID(),
      playbookVersion: '1.0',
    },
  });

async function child(options) {
  const started = fork(CHILD, [JSON.stringify(options)]);
  await new Promise((resolve, reject) => {
    started.on('message', ({ ready }) => ready === true && resolve());
    started.once('exit', (code) => reject(new Error(`the ${options.role} ended with ${code}`)));
  });
  return started;
}

const ended = (started) =>
  new Promise((resolve) => {
    started.once('exit', resolve);
    started.disconnect();
  });

const CLOCK_TICK_MS = 10;
/** Of a child, where the machine tells (Linux); 0 elsewhere. */
function cpuMs({ pid }) {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return 0;
  const fields = readFileSync(stat, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** @returns partition → the offset that comes next */
async function ends({ admin }, topic) {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
}

const total = (byPartition) => [...byPartition.values()].reduce((sum, high) => sum + high, 0);

async function until(holds, what, everyMs = 5) {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); await pause(everyMs))
    if (Date.now() > end) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}`);
}
