import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testDatabase } from '@kwanus/testing-infra';
import type { RunLimits } from './runs/run-limits.js';
import {
  askedFor,
  finishedRun,
  Intake,
  requestId,
  startValidation,
  tokenOf,
  upload,
} from './testing/validation-harness.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const ROOMY: RunLimits = { memoryMb: 400, bytes: 512 * 1024 * 1024 };
/** What these checks read. */
const CHECKS = ['manifest', 'validation-schemas'];
const READ = ['kwanus.yaml', 'api/parcels.yaml']
  .map((path) => statSync(join(MINIMAL, path)).size)
  .reduce((sum, size) => sum + size);

async function judgedWithin(runLimits: RunLimits) {
  const database = await testDatabase();
  const service = await startValidation(database.url, { runLimits });
  try {
    const id = requestId();
    const submission = await upload(service.artifacts, MINIMAL);
    await new Intake(service.transport).tell(
      'validation-requested',
      askedFor(id, submission, { checks: CHECKS }),
    );
    return await finishedRun(service, id, await tokenOf('olga'));
  } finally {
    await service.stop();
    await database.drop();
  }
}

describe('The limits of a run', () => {
  it('lets through a run that reads as many bytes as it may', async () => {
    const { checks } = await judgedWithin({ ...ROOMY, bytes: READ });
    expect(checks.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'manifest passed',
      'validation-schemas passed',
    ]);
  });

  it('ends a run that reads one byte more: inconclusive, which blocks, with the reason, and is not tried again', async () => {
    const view = await judgedWithin({ ...ROOMY, bytes: READ - 1 });
    expect(view.outcome).toBe('inconclusive');
    expect(view.checks.map(({ summary }) => summary)).toContainEqual(
      expect.stringMatching(/RunTooLarge: It reads more than \d+ bytes/),
    );
  });

  it('ends a run that needs more memory than it may take, and says so', async () => {
    const view = await judgedWithin({ ...ROOMY, memoryMb: 8 });
    expect(view.outcome).toBe('inconclusive');
    expect(view.checks.map(({ summary }) => summary)).toContainEqual(
      expect.stringContaining('RunTooLarge: The checks need more than 8 MiB'),
    );
  });
});
