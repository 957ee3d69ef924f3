import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { edited, HOSTILE_SUBMISSIONS } from '@kwanus/checks-catalogue/testing';
import type { Submission } from '@kwanus/checks-kit';
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
} from './testing/validation-harness.js';

/** Milliseconds of the processor that the service's main thread has taken; others' work on the machine does not count. */
const taken = (): number =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** The most that one turn of the event loop took, while it is watched. */
class Turns {
  worst = 0;
  #before = taken();
  readonly #timer = setInterval(() => {
    const now = taken();
    this.worst = Math.max(this.worst, now - this.#before);
    this.#before = now;
  }, 1);

  end(): number {
    clearInterval(this.#timer);
    return this.worst;
  }
}

describe('The validation service on hostile submissions', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let token: string;
  let minimal: Uploaded;
  const uploaded = new Map<string, Uploaded>();

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url);
    intake = new Intake(service.transport);
    token = await tokenOf('olga');
    minimal = await kept(await edited());
    for (const [title, edits] of HOSTILE_SUBMISSIONS) uploaded.set(title, await kept(await edited(edits)));
    await judged(minimal); // what is compiled at the first run is compiled
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  async function kept({ files, read, manifestPath }: Submission): Promise<Uploaded> {
    for (const { path, digest, mediaType } of files)
      await service.artifacts.put(`sha256:${digest}`, mediaType, Buffer.from((await read(path)) ?? []));
    return { release: '1.0.0', manifestPath, files };
  }

  async function judged(submission: Uploaded, more: object = {}) {
    const id = requestId();
    await intake.tell('validation-requested', { ...askedFor(id, submission), ...more });
    return finishedRun(service, id, token, 60_000);
  }

  it('is measured by what sees a turn that takes longer', async () => {
    const turns = new Turns();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const begun = taken(); taken() - begun < 150; );
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(turns.end()).toBeGreaterThan(100);
  });

  it.each(HOSTILE_SUBMISSIONS.map(([title]) => title))(
    'comes to a verdict in a thread of its own, and its other work goes on: %s',
    async (title) => {
      const submission = uploaded.get(title) ?? minimal;
      const turns = new Turns();
      const view = await judged(submission, { bases: [minimal] });
      expect(turns.end()).toBeLessThan(100);
      expect(view.outcome).not.toBe('passed');
      const summaries = view.checks.map(({ summary }) => summary).join('\n');
      // The thread has no network: whoever tried would have ended the run so.
      expect(summaries).not.toMatch(/could not be carried out|NetworkForbidden/);
    },
    90_000,
  );
});
