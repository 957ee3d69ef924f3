import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  affects,
  component,
  cycloneDx,
  TestDatabase as OsvData,
  record,
} from '@kwanus/checks-vulnerabilities/testing';
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

describe('The validation service with OSV data', () => {
  const osv = new OsvData().put(
    'npm',
    record('KW-1', { affected: [affects('npm', 'left', [{ introduced: '0' }, { fixed: '1.2.3' }])] }),
  );
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let token: string;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url, {
      vulnerabilities: { directory: osv.directory, maxAgeDays: 14 },
    });
    intake = new Intake(service.transport);
    token = await tokenOf('olga');
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
    osv.remove();
  });

  const withBill = async (purl: string): Promise<Uploaded> => {
    const bytes = Buffer.from(cycloneDx([component(purl)]).bytes);
    const digest = createHash('sha256').update(bytes).digest('hex');
    await service.artifacts.put(`sha256:${digest}`, 'application/json', bytes);
    const submission = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) => `${text}sbom: [{path: sbom.json, format: cyclonedx}]\n`,
    });
    const bill = { path: 'sbom.json', digest, size: bytes.length, mediaType: 'application/json' };
    return { ...submission, files: [...submission.files, bill] };
  };
  const run = async (purl: string, more: JsonObject = {}) => {
    const id = requestId();
    await intake.tell('validation-requested', askedFor(id, await withBill(purl), more));
    const view = await finishedRun(service, id, token);
    return { view, scan: view.checks.find(({ check }) => check === 'vulnerability-scan') };
  };

  it('[PB-7.03] stops a component with a known vulnerability, and the verdict cites the database', async () => {
    const { view, scan } = await run('npm/left@1.2.2');
    expect(scan).toMatchObject({
      outcome: 'failed',
      findings: [{ ruleId: 'VU703', file: 'sbom.json', line: 5 }],
    });
    expect(view.inputs['osv:npm']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('[PB-7.03] passes the version that fixes it, with the same digests each time', async () => {
    const [one, other] = [await run('npm/left@1.2.3'), await run('npm/left@1.2.3')];
    expect(one.scan).toMatchObject({ outcome: 'passed', findings: [] });
    expect(other.view.verdictDigest).toBe(one.view.verdictDigest);
  });

  it('[PB-7.03] holds no answer for one when the data is old', async () => {
    const { scan } = await run('npm/left@1.2.3', { asOf: '2027-01-01T00:00:00Z' });
    expect(scan).toMatchObject({ outcome: 'inconclusive', findings: [] });
  });
});
