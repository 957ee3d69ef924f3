import { type Job, type JobHandler, Jobs, Projections, type Reaction } from '@kwanus/event-store';
import { Injectable, Logger } from '@nestjs/common';
import { MatrixQuery } from '../compatibility/matrix.query.js';
import { Revalidation } from './revalidation.js';

const JOB = 'platform-released';
const LEASE_MS = 30_000;
const CATCH_UP_MS = 10_000;
const PAGE = 200;

/** A platform version that is new makes a stale cell in every row of the matrix that is in use, and queues the run that judges it. */
@Injectable()
export class PlatformReleasedJob {
  readonly #logger = new Logger(PlatformReleasedJob.name);

  constructor(
    private readonly rows: MatrixQuery,
    private readonly projections: Projections,
    private readonly jobs: Jobs,
    private readonly revalidation: Revalidation,
  ) {}

  reaction(): Reaction {
    return {
      name: 'platform-versions',
      handle: async ({ type, eventId, streamId, version, data, metadata, recordedAt }) => {
        if (type !== 'PlatformVersionReleased') return;
        const payload = {
          streamId,
          version,
          releasedAt: recordedAt,
          platformVersion: data['version'] as string,
          correlationId: metadata.correlationId,
        };
        await this.jobs.enqueue({ id: eventId, kind: JOB, payload });
      },
    };
  }

  handler(): JobHandler {
    return {
      kind: JOB,
      leaseMs: LEASE_MS,
      maxAttempts: 20,
      run: (job, signal) => this.#run(job, signal),
      // A row without a cell for the version counts as unknown, and blocks as a stale one does.
      exhausted: async ({ id, payload }, err) =>
        this.#logger.error({ msg: 'a platform version is not in every row', job: id, payload, err }),
    };
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { streamId, version } = job.payload;
    await this.projections.waitFor(streamId as string, version as number, CATCH_UP_MS);
    let after: string | null = null;
    do {
      const page: readonly string[] = await this.rows.integrations(after, PAGE);
      for (const integrationId of page) {
        signal.throwIfAborted();
        await this.revalidation.of(integrationId, job);
      }
      after = page.at(-1) ?? null;
    } while (after !== null);
  }
}
