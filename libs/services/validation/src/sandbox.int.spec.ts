import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

const CHECKS = ['manifest', 'forbidden-internal-api', 'sandbox-integrity'];

describe('The validation service with an extension', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let token: string;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url);
    intake = new Intake(service.transport);
    token = await tokenOf('olga');
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const withPanel = async (body: string): Promise<Uploaded> => {
    const bytes = Buffer.from(`export function mount(root, kwanus) { ${body} }`);
    const digest = createHash('sha256').update(bytes).digest('hex');
    await service.artifacts.put(`sha256:${digest}`, 'text/javascript', bytes);
    const submission = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) => `${text}extensions: [{id: panel, kind: ui, entry: panel.js}]\n`,
    });
    const panel = { path: 'panel.js', digest, size: bytes.length, mediaType: 'text/javascript' };
    return { ...submission, files: [...submission.files, panel] };
  };
  const run = async (body: string) => {
    const id = requestId();
    await intake.tell('validation-requested', askedFor(id, await withPanel(body), { checks: CHECKS }));
    const view = await finishedRun(service, id, token);
    return { view, integrity: view.checks.find(({ check }) => check === 'sandbox-integrity') };
  };

  it('[PB-7.02] runs it, lists what it did, and comes to the same digest each time', async () => {
    const body = "fetch('https://api.acme.example/parcels');";
    const [one, other] = [await run(body), await run(body)];
    expect(one.integrity).toMatchObject({
      outcome: 'passed',
      findings: [{ ruleId: 'SB814', message: 'panel was run, and tried: fetch api.acme.example.' }],
      summary: expect.stringContaining('namespaces: '),
    });
    expect(other.view.verdictDigest).toBe(one.view.verdictDigest);
  });

  it('[PB-7.02] stops one that hides where it goes, and one that never ends', async () => {
    const { view, integrity } = await run("fetch('http://' + [10, 0, 0, 1].map(String).join('.'));");
    expect(integrity?.outcome).toBe('failed');
    expect(view.checks.find(({ check }) => check === 'forbidden-internal-api')).toMatchObject({
      outcome: 'failed',
      findings: [{ ruleId: 'FB302', file: 'panel.js' }],
    });
    const endless = await run('for (;;);');
    expect(endless.integrity).toMatchObject({
      outcome: 'failed',
      findings: expect.arrayContaining([expect.objectContaining({ ruleId: 'SB808' })]),
    });
  });
});
