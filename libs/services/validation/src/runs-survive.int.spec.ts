import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv5 } from '@kwanus/canonical';
import { CATALOGUE, RULESET } from '@kwanus/checks-catalogue';
import type { RunCommand } from '@kwanus/domain-validation';
import { type EventLog, openEventLog } from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import {
  askedFor,
  eventually,
  finishedRun,
  Intake,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  type Uploaded,
  upload,
} from './testing/validation-harness.js';
import { RunStreams, runStream } from './validation-streams.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');

describe('A validation run', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let log: EventLog;
  let token: string;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url, { jobConcurrency: 0 });
    intake = new Intake(service.transport);
    token = await tokenOf('olga');
    log = openEventLog({
      databaseUrl: database.url,
      migrationUrl: database.url,
      schema: 'validation',
      clock: systemClock,
      background: false,
    });
    await log.start();
  });
  afterAll(async () => {
    await log?.stop();
    await service?.stop();
    await database?.drop();
  });

  const eventsOf = async (runId: string) => (await log.store.readStream(runStream(runId))).events;
  const jobOf = (runId: string) =>
    eventually(
      async () =>
        (await log.jobs.list('validation-run', 100)).find(({ payload }) => payload['runId'] === runId),
      10_000,
    );
  const restartWith = async (jobConcurrency: number): Promise<void> => {
    await service.stop();
    service = await startValidation(database.url, { jobConcurrency });
    intake = new Intake(service.transport);
  };

  /** What a worker that was killed leaves behind: some events, and a lease that nobody renews. */
  async function leaveBehind(runId: string, jobId: string): Promise<void> {
    const runs = new RunStreams(log.store, log.work);
    const say = (command: RunCommand, step: string) =>
      runs.handle({
        streamId: runStream(runId),
        routingKey: 'acme.parcels',
        command,
        context: undefined,
        metadata: {
          actor: { id: 'system:validation', kind: 'system' },
          correlationId: jobId,
          causationId: jobId,
          commandId: uuidv5(`${jobId} ${step}`),
        },
      });
    const checks = CATALOGUE.map(({ id }) => id);
    const pins = { checks, ruleset: RULESET, registryVersion: 0, platformVersions: ['5.0.0'] };
    await say({ type: 'StartRun', pins: { ...pins, profile: 'strict-partner' } }, 'StartRun');
    const [check = ''] = checks;
    const summary = 'Said by the worker that was killed.';
    const result = { check, kind: 'compatibility', outcome: 'passed', summary, findings: [] } as const;
    await say({ type: 'RecordCheck', result: { ...result, findingsArtifact: null } }, `check ${check}`);
    await log.work.query(
      `UPDATE validation.es_job SET state = 'leased', lease = gen_random_uuid(), attempts = 1,
         available_at = clock_timestamp() + interval '1 second' WHERE id = $1`,
      [jobId],
    );
  }

  it('[PB-2.4] that a killed worker held is taken over when its lease ends: nothing is said twice, nothing is lost', async () => {
    const submission = await upload(service.artifacts, MINIMAL);
    const runId = requestId();
    await intake.tell('validation-requested', askedFor(runId, submission));
    await leaveBehind(runId, (await jobOf(runId)).id);
    await restartWith(2);
    const view = await finishedRun(service, runId, token);
    expect(view).toMatchObject({ registryVersion: 0, platformVersions: ['5.0.0'] });
    expect(view.checks.map(({ check }) => check).sort()).toEqual(CATALOGUE.map(({ id }) => id).sort());
    expect(view.checks[0]).toMatchObject({ summary: 'Said by the worker that was killed.' });
    const types = (await eventsOf(runId)).map(({ type }) => type);
    expect(types.filter((type) => type === 'RunStarted')).toHaveLength(1);
    expect(types.filter((type) => type === 'CheckFinished')).toHaveLength(CATALOGUE.length);
    expect(types.filter((type) => type === 'RunFinished')).toHaveLength(1);
    expect((await jobOf(runId)).attempts).toBe(2);
  });

  const viewOf = async (runId: string): Promise<{ status: string; outcome: unknown }> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${service.base}/v1/validations/${runId}`, { headers })).json() as never;
  };
  const cancelled = (runId: string) =>
    eventually(async () => ((await viewOf(runId)).status === 'cancelled' ? true : undefined));

  it('[PB-2.4] [PB-1.1] that is cancelled, before it begins or while a worker is at it, ends without a verdict and says nothing to the matrix', async () => {
    const submission = await upload(service.artifacts, MINIMAL);
    await restartWith(0);
    const other = new Intake(service.transport);
    const [waiting, atWork] = [requestId(), requestId()];
    for (const id of [waiting, atWork])
      await other.tell('validation-requested', askedFor(id, submission, { integrationId: 'acme.cancelled' }));
    await leaveBehind(atWork, (await jobOf(atWork)).id);
    const of = { integrationId: 'acme.cancelled', release: submission.release, task: null };
    for (const id of [waiting, atWork]) {
      await other.tell('validation-cancelled', { ...of, requestId: id, reason: 'the release was withdrawn' });
      await cancelled(id);
    }
    await restartWith(2);
    for (const id of [waiting, atWork])
      await eventually(async () => ((await jobOf(id)).state === 'done' ? true : undefined));
    for (const id of [waiting, atWork]) {
      expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'RunCancelled' });
      expect(await viewOf(id)).toMatchObject({ status: 'cancelled', outcome: null });
    }
    expect((await log.store.readStream('matrix-acme.cancelled')).events).toEqual([]);
  });

  it('[PB-2.4] that is asked for twice, or whose message comes twice, is carried out once', async () => {
    const submission = await upload(service.artifacts, MINIMAL);
    const runId = requestId();
    const other = new Intake(service.transport);
    const asked = askedFor(runId, submission, { integrationId: 'acme.twice' });
    const message = await other.tell('validation-requested', asked);
    await finishedRun(service, runId, token);
    const before = await eventsOf(runId);
    await other.again(message);
    await other.tell('validation-requested', asked);
    const last = requestId();
    await other.tell('validation-requested', { ...asked, requestId: last });
    await finishedRun(service, last, token); // one key: what was sent before it has been handled
    expect(await eventsOf(runId)).toEqual(before);
    const jobs = (await log.jobs.list('validation-run', 100)).filter(
      ({ payload }) => payload['runId'] === runId,
    );
    expect(jobs).toMatchObject([{ state: 'done', attempts: 1 }]);
  });

  /** Replaces kept bytes behind the store's back, as only the owner of the database can. */
  async function tamper({ files }: Uploaded, path: string, text: string): Promise<string> {
    const digest = files.find((file) => file.path === path)?.digest ?? '';
    const bytes = Buffer.from(text);
    await log.work.query('ALTER TABLE artifacts.artifact DISABLE TRIGGER written_once');
    await log.work.query('UPDATE artifacts.artifact SET bytes = $2, size = $3 WHERE digest = $1', [
      `sha256:${digest}`,
      bytes,
      bytes.length,
    ]);
    await log.work.query('ALTER TABLE artifacts.artifact ENABLE TRIGGER written_once');
    return digest;
  }

  it.each([
    ['kwanus.yaml', 'apiVersion: kwanus.dev/v1\n'],
    ['api/parcels.yaml', 'openapi: 3.1.0\n'],
  ])('[PB-2.4] does not pass on bytes that were exchanged: %s', async (path, text) => {
    const comment = `# ${requestId()}\n`;
    const submission = await upload(service.artifacts, MINIMAL, { [path]: (kept) => comment + kept });
    const digest = await tamper(submission, path, text);
    expect(createHash('sha256').update(text).digest('hex')).not.toBe(digest);
    const runId = requestId();
    await new Intake(service.transport).tell(
      'validation-requested',
      askedFor(runId, submission, { integrationId: `acme.exchanged-${path.replace(/\W/g, '')}` }),
    );
    const view = await finishedRun(service, runId, token);
    expect(view.outcome).toBe('inconclusive');
    const last = (await eventsOf(runId)).at(-1);
    expect(JSON.stringify(last?.data['checks'])).toContain(digest);
  });
});
