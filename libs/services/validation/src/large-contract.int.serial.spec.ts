import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import {
  askedFor,
  finishedRun,
  Intake,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  type Uploaded,
  upload,
} from './testing/validation-harness.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const WORDS = 'What a client has to know of this value, said in a sentence as long as they usually are. ';
const schemaOf = (index: number): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: 12 }, (_, field) => [
      `field${field}`,
      { type: 'string', description: WORDS, maxLength: 10 + (index % 90), example: 'a' },
    ]),
  ),
});
const largeContract = (count: number): JsonObject => ({
  openapi: '3.0.3',
  info: { title: 'Large', version: '1.0.0' },
  servers: [{ url: 'https://api.acme.example/v1' }],
  paths: Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `/records${index}`,
      {
        get: {
          operationId: `record${index}`,
          responses: {
            200: { description: 'd', content: { 'application/json': { schema: schemaOf(index) } } },
          },
        },
      },
    ]),
  ),
});

let database: TestDatabase;
let service: RunningValidation;
beforeAll(async () => {
  database = await testDatabase();
  service = await startValidation(database.url);
});
afterAll(async () => {
  await service?.stop();
  await database?.drop();
});

/** The contract in the place of the example's, as JSON. */
async function withContract(uploaded: Uploaded, contract: JsonObject): Promise<Uploaded> {
  const bytes = Buffer.from(JSON.stringify(contract, null, 1));
  expect(bytes.byteLength).toBeGreaterThan(13_000_000);
  const digest = createHash('sha256').update(bytes).digest('hex');
  await service.artifacts.put(`sha256:${digest}`, 'application/json', bytes);
  const files = uploaded.files.map((file) =>
    file.path === 'api/parcels.yaml'
      ? { path: 'api/parcels.json', digest, size: bytes.length, mediaType: 'application/json' }
      : file,
  );
  return { ...uploaded, files };
}

it('[PB-4.02] judges a contract of 13 MB, and answers everybody else meanwhile', async () => {
  const token = await tokenOf('olga');
  const statuses = new Set<number>();
  const asJson = (text: string): string => text.replaceAll('api/parcels.yaml', 'api/parcels.json');
  const submission = await withContract(
    await upload(service.artifacts, MINIMAL, { 'kwanus.yaml': asJson }),
    largeContract(4_300),
  );
  const runId = requestId();
  await new Intake(service.transport).tell('validation-requested', askedFor(runId, submission));
  let over = false;
  const others = (async () => {
    while (!over) {
      const response = await fetch(`${service.base}/v1/permissions`, {
        headers: { authorization: `Bearer ${token}` },
      });
      statuses.add(response.status);
      await response.arrayBuffer();
    }
  })();
  const run = await finishedRun(service, runId, token, 200_000).finally(() => {
    over = true;
  });
  await others;
  expect([...statuses]).toEqual([200]);
  expect(run.checks.find(({ check }) => check === 'contract-definition')?.outcome).toBe('passed');
  expect(run.checks.find(({ check }) => check === 'validation-schemas')?.outcome).toBe('passed');
}, 240_000);
