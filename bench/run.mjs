// `npm run bench -- osv [--json]`: bills of materials against OSV data, without a database.
// `npm run bench -- contract [--json]`: two versions of GitHub's API description compared, fetched through npm, without a database.
// `npm run bench -- permission [--json]`: permission decisions, without a database.
// `npm run bench -- [--json] [--seconds 2] [--repetitions 3] [--case NAME]… [--peer NAME]… [--fill 1000000]`: every peer on one database (PG_URL, or a
// PostgreSQL of its own), interleaved, medians over the repetitions. One JSON line per case and peer. --fill gives our log that many events first.
// --kafka measures relay and end to end over Apache Kafka instead (KAFKA_BROKERS, or a broker of its own), beside bare kafkajs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server } from '@kwanus/database';
import pg from 'pg';
import { logCases, runCase } from './cases.mjs';
import { contractCases, runContractCases } from './contract-cases.mjs';
import { kafkaCases, openKafka } from './kafka-cases.mjs';
import { osvCases, runOsvCase } from './osv-cases.mjs';
import { permissionCases, runPermissionCase } from './permission-cases.mjs';
import { openPlatform, platformCases } from './platform-cases.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kafka: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    repetitions: { type: 'string', default: '3' },
    case: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true },
    fill: { type: 'string', default: '0' },
  },
});
const seconds = Number(options.seconds);
const repetitions = Number(options.repetitions);
const peerNames = options.peer ?? ['ours', 'raw-pg', 'emmett-postgresql'];
const chosen = ({ name }) => options.case === undefined || options.case.includes(name);
/** So that reading everything reads as much from each. */
const PRELOADED = 20_000;
/** Of a platform, before it is measured. */
const WARM_UP_S = 1;
// About 300 bytes of JSON.
const payload = {
  integrationId: 'acme.crm-sync',
  release: { id: 'rel-2026-11', version: '2.4.1' },
  body: 'TSC',
  decision: 'approved',
  reason: 'The contract grew compatibly; the two new operations are documented and have schemas.',
  covers: ['sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'manifest#contract'],
};

if (positionals.includes('osv')) {
  const results = [];
  for (const testCase of osvCases.filter(chosen))
    results.push({ peer: 'ours', case: testCase.name, ...(await runOsvCase(testCase, repetitions)) });
  print(results);
  process.exit(0);
}
if (positionals.includes('contract')) {
  const results = runContractCases(contractCases.filter(chosen), repetitions);
  print(results.map((result) => ({ peer: 'ours', ...result })));
  process.exit(0);
}
if (positionals.includes('permission')) {
  print(permissionResults());
  process.exit(0);
}
const unknown = positionals.filter((name) => !['osv', 'contract', 'permission'].includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part ${unknown.join(', ')}: name osv, contract or permission, or single cases by --case.\n`,
  );
  process.exit(2);
}
const database = await openDatabase();
try {
  if (options.kafka) print(await kafkaResults());
  else await logResults();
} finally {
  await database.close();
}
process.exit(0);

async function logResults() {
  const peers = [];
  for (const name of peerNames) {
    const peer = await (await import(`./peers/${name}.mjs`)).open({ url: database.url, payload });
    await peer.fill?.(Number(options.fill));
    peers.push({ name, peer });
  }
  const results = await measure(peers);
  for (const { peer } of peers) await peer.close();
  results.push(...permissionResults(), ...(await platformResults()));
  print(results);
  // Emmett keeps a connection that nothing closes; it breaks off with the database.
  process.on('uncaughtException', (error) => {
    if (error.code !== '57P01') throw error;
  });
}

async function kafkaResults() {
  const cases = kafkaCases.filter(chosen);
  const kafka = await openKafka(database.url);
  const peers = kafka.peers.filter((name) => options.peer === undefined || options.peer.includes(name));
  try {
    const runs = new Map();
    // The first run warms up and does not count.
    for (let repetition = 0; repetition <= repetitions; repetition += 1)
      for (const testCase of cases)
        for (const index of peers.keys()) {
          const peer = peers[(index + repetition) % peers.length];
          const key = `${testCase.name} ${peer}`;
          const found = await kafka.run(testCase, peer, seconds);
          if (repetition > 0) runs.set(key, [...(runs.get(key) ?? []), summary(found)]);
          if (!options.json) process.stderr.write('.');
        }
    return cases.flatMap(({ name }) => peers.map((peer) => medians(peer, name, runs.get(`${name} ${peer}`))));
  } finally {
    await kafka.close();
  }
}

async function measure(peers) {
  const cases = logCases.filter(chosen);
  if (cases.some(({ kind }) => kind === 'readAll')) for (const { peer } of peers) await preload(peer);
  for (const testCase of cases) for (const { peer } of peers) await runCase(peer, testCase, 0.2);
  const runs = new Map();
  for (let repetition = 0; repetition < repetitions; repetition += 1)
    for (const testCase of cases)
      for (const index of peers.keys()) {
        const { name, peer } = peers[(index + repetition) % peers.length];
        const key = `${testCase.name} ${name}`;
        runs.set(key, [...(runs.get(key) ?? []), summary(await runCase(peer, testCase, seconds))]);
        if (!options.json) process.stderr.write('.');
      }
  return cases.flatMap((testCase) =>
    peers.map(({ name }) => medians(name, testCase.name, runs.get(`${testCase.name} ${name}`))),
  );
}

async function preload(peer) {
  let left = PRELOADED / 100;
  const caller = async () => {
    while (left-- > 0) await peer.append(`preloaded${left}`, 100);
  };
  await Promise.all(Array.from({ length: 8 }, caller));
}

function permissionResults() {
  if (!peerNames.includes('ours')) return [];
  return permissionCases.filter(chosen).map((testCase) => {
    runPermissionCase(testCase, WARM_UP_S);
    const runs = Array.from({ length: repetitions }, () => summary(runPermissionCase(testCase, seconds)));
    return medians('ours', testCase.name, runs);
  });
}

async function platformResults() {
  const cases = platformCases.filter(chosen);
  if (cases.length === 0 || !peerNames.includes('ours')) return [];
  const platform = await openPlatform(database.url);
  try {
    const results = [];
    for (const testCase of cases) {
      await platform.run(testCase, WARM_UP_S);
      const runs = [];
      for (let repetition = 0; repetition < repetitions; repetition += 1)
        runs.push(summary(await platform.run(testCase, seconds)));
      results.push(medians('ours', testCase.name, runs));
    }
    return results;
  } finally {
    await platform.close();
  }
}

function summary({ operations, latencies, ms, cpuMs }) {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    ops_per_s: (operations / ms) * 1000,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    ...(cpuMs === undefined ? {} : { cpu_us_per_event: (cpuMs * 1000) / operations }),
  };
}

function medians(peer, name, runs) {
  const median = (field) => {
    const sorted = runs.map((run) => run[field]).toSorted((a, b) => a - b);
    return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(field === 'ops_per_s' ? 0 : 3));
  };
  return {
    peer,
    case: name,
    ops_per_s: median('ops_per_s'),
    p50_ms: median('p50_ms'),
    p99_ms: median('p99_ms'),
    ...(runs[0]?.cpu_us_per_event === undefined ? {} : { cpu_us_per_event: median('cpu_us_per_event') }),
  };
}

function print(results) {
  if (options.json) for (const result of results) console.log(JSON.stringify(result));
  else {
    process.stderr.write('\n');
    console.table(results);
  }
}

async function openDatabase() {
  const given = process.env.PG_URL;
  const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'kwanus-bench-')) : null;
  const server =
    folder === null ? null : new Server(folder, { max_connections: '200', track_commit_timestamp: 'on' });
  await server?.prepare();
  await server?.start();
  const admin = new pg.Client({ connectionString: given ?? server.url('postgres') });
  await admin.connect();
  const name = `bench_${randomBytes(4).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(given ?? server.url('postgres'));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    close: async () => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`).catch(() => undefined);
      await admin.end();
      await server?.stop();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}
