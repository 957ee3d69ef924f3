import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { developmentKeyFile, loadIdentities, signDevelopmentToken } from '@kwanus/auth';
import pg from 'pg';

/** One caller, one command after the other, each on an integration of its own that was submitted just before, untimed. */
export const platformCases = [
  /** `POST …/lifecycle` (withdraw): token, schema, idempotency, fold, decide, append, projections' transaction, answer. */
  { name: 'command_http', measured: 'http' },
  /** From `recorded_at` of ReleaseWithdrawn in intake's log to that of the ReleaseEnded which monitoring appends because of it. */
  { name: 'e2e_event', measured: 'event' },
];

const root = fileURLToPath(new URL('../', import.meta.url));
const IDENTITIES = join(root, 'identities.yaml');
const PERSON = 'anna';
const PATIENCE_MS = 30_000;
const OPENAPI = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Measured', version: '1.0.0' },
  paths: { '/things': { get: { operationId: 'listThings', responses: {} } } },
});
const manifest = (name) => `apiVersion: kwanus.integration/v1
kind: Integration
metadata: { partner: acme, name: ${name}, version: 1.0.0 }
lifecycle: { stability: stable }
compatibility: { platform: ">=4.2 <6" }
api:
  provides: [{ id: measured-v1, openapi: api/measured.json }]
permissions: [{ id: "orders:read", actions: [read], reason: show }]
fallback: [{ for: "api:measured-v1", on: [5xx], do: serve-cached }]
accountable: { contact: { name: Ann Example, email: ann@acme.example }, sponsor: Platform Team }
`;

/**
 * The platform in a process of its own on the given database.
 * @returns {Promise<{ run(testCase, seconds): Promise<{ operations, latencies, ms }>, close(): Promise<void> }>}
 */
export async function openPlatform(url) {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-bench-platform-'));
  const child = fork(join(root, 'dist/platform.js'), [], {
    env: {
      PATH: process.env.PATH,
      KWANUS_DATABASE_URL: url,
      KWANUS_DATA_DIR: folder,
      KWANUS_IDENTITIES: IDENTITIES,
      KWANUS_PORT: '0',
      KWANUS_LOG_LEVEL: 'error',
    },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const base = await new Promise((resolve, reject) => {
    child.on('message', ({ ready }) => ready !== undefined && resolve(ready));
    ended.then((code) => reject(new Error(`the platform ended with ${code} before it answered`)));
  });
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const person = loadIdentities(IDENTITIES).people.find(({ name }) => name === PERSON);
  const token = await signDevelopmentToken(developmentKeyFile(folder), person);
  const send = async (method, path, body, mediaType = 'application/json') => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': mediaType,
      'idempotency-key': randomUUID(),
    };
    const response = await fetch(`${base}${path}`, { method, body, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  };
  return {
    run: (testCase, seconds) => run({ send, sql }, testCase, seconds),
    close: async () => {
      await sql.end();
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The rate is that of one caller: operations over the time that was measured, preparation left out. */
async function run(platform, { measured }, seconds) {
  const latencies = [];
  const until = performance.now() + seconds * 1000;
  do {
    const integration = await submit(platform);
    const began = performance.now();
    await withdraw(platform, integration);
    latencies.push(
      measured === 'http' ? performance.now() - began : await untilMonitoringKnows(platform, integration),
    );
  } while (performance.now() < until);
  return { operations: latencies.length, latencies, ms: latencies.reduce((sum, ms) => sum + ms, 0) };
}

let submitted = 0;
async function submit({ send }) {
  const name = `measured-${process.pid}-${(submitted += 1)}`;
  const files = [];
  for (const [path, content] of Object.entries({
    'kwanus.yaml': manifest(name),
    'api/measured.json': OPENAPI,
  })) {
    const digest = createHash('sha256').update(content).digest('hex');
    await send('PUT', `/v1/artifacts/${digest}`, content, 'text/plain');
    files.push({ path, digest, size: Buffer.byteLength(content), mediaType: 'text/plain' });
  }
  await send('POST', '/v1/integrations', JSON.stringify({ manifest: 'kwanus.yaml', files }));
  return `acme.${name}`;
}

const withdraw = ({ send }, integration) =>
  send(
    'POST',
    `/v1/integrations/${integration}/lifecycle`,
    JSON.stringify({ move: 'withdraw', release: '1.0.0', reason: 'measured' }),
  );

/** @returns the milliseconds between the two appends, by the database's clock */
async function untilMonitoringKnows({ sql }, integration) {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { rows } = await sql.query(
      `SELECT extract(epoch FROM ended.recorded_at - withdrawn.recorded_at)::float8 * 1000 AS ms
         FROM intake.es_event withdrawn JOIN monitoring.es_event ended ON ended.routing_key = withdrawn.routing_key
        WHERE withdrawn.routing_key = $1 AND withdrawn.type = 'ReleaseWithdrawn' AND ended.type = 'ReleaseEnded'`,
      [integration],
    );
    if (rows.length > 0) return rows[0].ms;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`monitoring never heard of ${integration}'s withdrawal`);
}
