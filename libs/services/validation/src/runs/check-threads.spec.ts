import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DigestedReference, folderSubmission, referenceOf } from '@kwanus/checks-catalogue';
import type { Submission } from '@kwanus/checks-kit';
import { CheckThreads, type Desk } from './check-threads.js';
import type { Judgement } from './judgement.js';
import { DEFAULT_RUN_LIMITS } from './run-limits.js';

const MINIMAL = join(import.meta.dirname, '../../../../../examples/minimal-submission');
const unasked = (): Promise<never> => Promise.reject(new Error('Nobody asks for this.'));
const threads = new CheckThreads(DEFAULT_RUN_LIMITS);
let submission: Submission;
let reference: DigestedReference;
beforeAll(async () => {
  submission = await folderSubmission(MINIMAL);
  reference = referenceOf(submission);
});
afterAll(() => threads.onApplicationShutdown());

const judgementOf = (checks: readonly string[]): Judgement => ({
  request: {
    integrationId: reference.integrationId,
    release: reference.release,
    runId: 'r',
    requestId: 'r',
    purpose: 'release',
    task: null,
    submission: { ...reference, files: [] },
    bases: [],
    asOf: '2026-11-01T00:00:00.000Z',
  },
  submission: reference,
  bases: [],
  given: {
    registry: { version: 0, permissions: [], tiers: {} },
    platformVersions: [],
    profile: 'strict-partner',
    asOf: '2026-11-01T00:00:00.000Z',
  },
  tools: { vulnerabilities: false, sandbox: false },
  checks,
});
const pathOf = (digest: string): string => reference.files.find((file) => file.digest === digest)?.path ?? '';
const deskOf = (more: Pick<Desk, 'bytes' | 'keep'>): Desk => ({
  scan: unasked,
  walls: unasked,
  probe: unasked,
  ...more,
});
const signal = new AbortController().signal;

describe('CheckThreads', () => {
  it('puts nothing on the record of a run that is left over from one that failed', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const failing = deskOf({
      bytes: async ({ digest }) => {
        const path = pathOf(digest);
        if (path.endsWith('.md')) await held;
        return path.startsWith('api/') ? new Uint8Array() : submission.read(path);
      },
      keep: () => Promise.resolve(null),
    });
    await expect(
      threads.judge(judgementOf(['contract-definition', 'governance-update']), failing, signal),
    ).rejects.toMatchObject({ name: 'InputCorrupt' });

    const kept: string[] = [];
    const next = deskOf({
      bytes: async ({ digest }) => {
        letGo();
        await new Promise((resolve) => setImmediate(resolve));
        return submission.read(pathOf(digest));
      },
      keep: ({ packed: { result } }) => {
        kept.push(result.check);
        return Promise.resolve(null);
      },
    });
    await threads.judge(judgementOf(['manifest', 'workflow-definition']), next, signal);
    expect(kept.sort()).toEqual(['manifest', 'workflow-definition']);
  });

  it('begins nothing once it has been shut down', async () => {
    const ended = new CheckThreads(DEFAULT_RUN_LIMITS);
    await ended.onApplicationShutdown();
    await expect(
      ended.judge(judgementOf(['manifest']), deskOf({ bytes: unasked, keep: unasked }), signal),
    ).rejects.toMatchObject({ name: 'RunCancelled' });
  });
});
