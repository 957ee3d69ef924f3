import { uuidv5 } from '@kwanus/canonical';
import type { CompatibilityMatrix } from '@kwanus/domain-validation';
import type { CommandMetadata, Job } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { RunBooks } from '../runs/run-validation.job.js';
import { matrixStream, runStream } from '../validation-streams.js';
import { Platform } from './platform.js';

/** Makes cells stale for a platform version that is new, and asks for the runs that judge them. */
@Injectable()
export class Revalidation {
  constructor(
    private readonly books: RunBooks,
    private readonly platform: Platform,
  ) {}

  /** The same job again adds nothing: its command ids and run ids are made from the version's event. */
  async of(integrationId: string, job: Job): Promise<void> {
    const platformVersion = job.payload['platformVersion'] as string;
    await this.books.matrix.handle({
      streamId: matrixStream(integrationId),
      routingKey: integrationId,
      command: {
        type: 'NotePlatformVersion',
        integrationId,
        environment: this.platform.environment,
        platformVersion,
      },
      context: undefined,
      metadata: metadataOf(job, integrationId),
    });
    const { state } = await this.books.matrix.load(matrixStream(integrationId));
    for (const [release, runId] of staleRuns(state, platformVersion))
      await this.#queue(job, runId, `${integrationId} ${release}`);
  }

  /** Judges again what the last run has judged, whole, as of the moment at which the version came. */
  async #queue(job: Job, lastRun: string, of: string): Promise<void> {
    const { request } = (await this.books.runs.load(runStream(lastRun))).state;
    if (request === null) return;
    const { integrationId, release, submission, bases } = request;
    const runId = uuidv5(`revalidation ${job.id} ${of}`);
    await this.books.runs.handle({
      streamId: runStream(runId),
      routingKey: integrationId,
      command: {
        type: 'RequestRun',
        request: {
          integrationId,
          release,
          runId,
          requestId: runId,
          purpose: 'release',
          task: null,
          submission,
          bases,
          asOf: job.payload['releasedAt'] as string,
          because: 'platform-released',
        },
      },
      context: undefined,
      metadata: metadataOf(job, `${of} run`),
    });
  }
}

const staleRuns = (
  { rows, runs }: CompatibilityMatrix,
  platformVersion: string,
): readonly (readonly [release: string, runId: string])[] =>
  Object.entries(rows).flatMap(([release, row]) => {
    const last = runs[release];
    const isStale = row.some((cell) => cell.platformVersion === platformVersion && cell.state === 'stale');
    return isStale && last !== undefined ? [[release, last.runId] as const] : [];
  });

const metadataOf = ({ id, payload }: Job, what: string): CommandMetadata => ({
  actor: { id: 'system:validation', kind: 'system' },
  correlationId: payload['correlationId'] as string,
  causationId: id,
  commandId: uuidv5(`${id} ${what}`),
});
