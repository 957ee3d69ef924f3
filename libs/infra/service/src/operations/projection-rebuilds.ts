import {
  type Job,
  type JobHandler,
  type JobStatus,
  Jobs,
  Projections,
  type RebuildProgress,
} from '@kwanus/event-store';
import { Injectable, Logger } from '@nestjs/common';

const KIND = 'projection-rebuild';
/** So long a rebuild waits whose worker was killed. It is renewed while a worker lives. */
const LEASE_MS = 10_000;
const ATTEMPTS = 5;
const SHOWN = 20;

/** A rebuild that was asked for, and how far this process has come with it. */
export interface Rebuild extends JobStatus {
  readonly progress: RebuildProgress | null;
}

/** Rebuilds of read models as jobs: they outlive the request, and the process that began them. */
@Injectable()
export class ProjectionRebuilds {
  readonly #progress = new Map<string, RebuildProgress>();
  readonly #logger = new Logger('rebuild');

  constructor(
    private readonly projections: Projections,
    private readonly jobs: Jobs,
  ) {
    jobs.register(this.#handler());
  }

  /** Joins the active unit of work. @param id the command's: a repetition asks for nothing more */
  request(id: string, projection: string | null): Promise<void> {
    return this.jobs.enqueue({ id, kind: KIND, payload: { projection } });
  }

  /** The latest first. */
  async list(): Promise<readonly Rebuild[]> {
    const jobs = await this.jobs.list(KIND, SHOWN);
    return jobs.map((job) => ({ ...job, progress: this.#progress.get(job.id) ?? null }));
  }

  #handler(): JobHandler {
    return {
      kind: KIND,
      leaseMs: LEASE_MS,
      maxAttempts: ATTEMPTS,
      run: (job) => this.#run(job),
      exhausted: async ({ id, payload }, error) =>
        this.#logger.error({ msg: 'a rebuild was given up', rebuild: id, ...payload, err: error }),
    };
  }

  async #run(job: Job): Promise<void> {
    const name = projectionOf(job);
    this.#logger.log({ msg: 'a rebuild begins', rebuild: job.id, projection: name });
    try {
      await this.projections.rebuild(name ?? undefined, (progress) => this.#progress.set(job.id, progress));
      this.#logger.log({ msg: 'a rebuild has ended', rebuild: job.id, projection: name });
    } finally {
      this.#progress.delete(job.id);
    }
  }
}

/** @returns the read model that a rebuild is about; null: all of them */
export const projectionOf = ({ payload }: Pick<Job, 'payload'>): string | null =>
  typeof payload['projection'] === 'string' ? payload['projection'] : null;
