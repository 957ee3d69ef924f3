import { ArtifactStore } from '@kwanus/artifacts';
import { uuidv5 } from '@kwanus/canonical';
import { type DigestedReference, evidenceKind, evidenceTaskOf, RULESET } from '@kwanus/checks-catalogue';
import type { CheckResult } from '@kwanus/checks-kit';
import type { NotedRun, RunPins, RunRequest, ValidationRun } from '@kwanus/domain-validation';
import {
  type CommandMetadata,
  type Job,
  type JobHandler,
  Jobs,
  type Reaction,
  UnitOfWork,
} from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';
import { Platform } from '../platform/platform.js';
import {
  MatrixStreams,
  matrixStream,
  REGISTRY_STREAM,
  RegistryStreams,
  RunStreams,
  runStream,
} from '../validation-streams.js';
import { CheckThreads, type Desk } from './check-threads.js';
import { checkSummary, type PackedCheck, packCheck } from './findings.js';
import { type CheckTools, RunInputsGatherer } from './run-inputs.js';
import { ReadBudget, RunTooLarge } from './run-limits.js';
import { abandoned, checksOf, inputsOf, type JudgedRelease, NO_FACTS } from './verdicts.js';

const JOB = 'validation-run';
/** So long a run waits whose worker was killed. It is renewed while a worker lives. */
const LEASE_MS = 10_000;
const TIME_LIMIT_MS = 10 * 60_000;

/** The streams that a run writes to. */
@Injectable()
export class RunBooks {
  constructor(
    readonly runs: RunStreams,
    readonly matrix: MatrixStreams,
    readonly registry: RegistryStreams,
    readonly work: UnitOfWork,
    readonly artifacts: ArtifactStore,
  ) {}
}

/** Carries out validation runs as jobs: outside any transaction, repeatable, each result appended with an id made from the job. */
@Injectable()
export class RunValidationJob {
  constructor(
    private readonly books: RunBooks,
    private readonly gatherer: RunInputsGatherer,
    private readonly jobs: Jobs,
    private readonly platform: Platform,
    private readonly threads: CheckThreads,
  ) {}

  /** A run that was asked for becomes a job. */
  reaction(): Reaction {
    return {
      name: 'validation-runs',
      handle: async ({ type, eventId, data, metadata }) => {
        if (type !== 'RunRequested') return;
        const { correlationId, playbookVersion = null, traceparent = null } = metadata;
        await this.jobs.enqueue({
          id: eventId,
          kind: JOB,
          payload: { runId: data['runId'] as string, correlationId, playbookVersion, traceparent },
        });
      },
    };
  }

  handler(): JobHandler {
    return {
      kind: JOB,
      leaseMs: LEASE_MS,
      maxAttempts: 3,
      run: (job, signal) => this.#run(job, AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)])),
      exhausted: (job, error) => this.#giveUp(job, error),
    };
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { state } = await this.books.runs.load(runStreamOf(job));
    if (state.request === null || state.status === 'finished' || state.status === 'cancelled') return;
    try {
      await this.#carryOut(job, state, state.request, signal);
    } catch (error) {
      // Whoever asked for it has cancelled it meanwhile: there is nothing left to be done.
      if (error instanceof NotWanted) return;
      if (!(error instanceof RunTooLarge)) throw error;
      await this.#giveUp(job, error); // it would be no smaller the next time
    }
  }

  async #carryOut(job: Job, state: ValidationRun, request: RunRequest, signal: AbortSignal): Promise<void> {
    const desk = this.#desk(job, request, signal);
    const pins = state.pins ?? (await this.#start(job, request, [desk, signal]));
    const checks = request.purpose === 'preparation' ? null : pins.checks;
    const judgement = await this.gatherer.judgement(request, pins, checks);
    const judged = await this.threads.judge(judgement, desk, signal);
    await this.#finish(
      job,
      request,
      judged.kind === 'verdict' ? judged : await this.#evidenceJudged(job, request, [judged.result, pins]),
    );
  }

  #desk(job: Job, request: RunRequest, signal: AbortSignal): Desk {
    let last: Promise<void> = Promise.resolve();
    const budget = new ReadBudget(this.threads.limits.bytes);
    return {
      bytes: async ({ digest }) => {
        const bytes = await this.gatherer.bytes(digest);
        budget.take(digest, bytes?.byteLength ?? 0);
        return bytes;
      },
      ...toolsOf(this.gatherer.tools, signal),
      keep: async ({ packed }) => {
        last = last.then(() => this.#record(job, request, packed)); // one after another: one stream
        await last;
        return null;
      },
    };
  }

  /** Pins what the verdict depends on; a repetition finds it in the log. */
  async #start(
    job: Job,
    request: RunRequest,
    [desk, signal]: readonly [Desk, AbortSignal],
  ): Promise<RunPins> {
    const link = (submission: DigestedReference) => this.threads.link(submission, desk, signal);
    const { version } = await this.books.registry.load(REGISTRY_STREAM);
    const { versions } = await this.platform.facts();
    const { events } = this.platform;
    const pins: RunPins = {
      checks: checksOf(request),
      ruleset: RULESET,
      registryVersion: version,
      platformVersions: versions,
      ...(events === undefined ? {} : { events: events as unknown as readonly JsonObject[] }),
      profile: 'strict-partner',
      grantsVersion: await this.gatherer.grantsVersion(request.integrationId),
      ...(request.purpose === 'release' ? await this.gatherer.links(request, link) : {}),
    };
    await this.#append(job, request, { type: 'StartRun', pins });
    const { state } = await this.books.runs.load(runStreamOf(job));
    return state.pins ?? pins;
  }

  async #evidenceJudged(
    job: Job,
    request: RunRequest,
    [result, pins]: readonly [CheckResult, RunPins],
  ): Promise<Judged> {
    const task = evidenceTaskOf(request.task ?? '');
    const kind = task === null ? 'compatibility' : evidenceKind(task);
    await this.#record(job, request, packCheck(result, kind));
    const outcome =
      result.outcome === 'passed' ? 'passed' : result.outcome === 'failed' ? 'failed' : 'inconclusive';
    return {
      verdict: {
        outcome,
        checks: [checkSummary(result, kind)],
        facts: NO_FACTS,
        inputs: inputsOf(request),
        ruleset: RULESET,
        registryVersion: pins.registryVersion,
        verdictDigest: null,
      },
      noted: null,
    };
  }

  async #record(job: Job, request: RunRequest, { result, overflow }: PackedCheck): Promise<void> {
    if (overflow !== null)
      await this.books.artifacts.put(`sha256:${result.findingsArtifact ?? ''}`, 'application/json', overflow);
    await this.#append(job, request, { type: 'RecordCheck', result });
  }

  /** The verdict and the matrix' note of it, together. */
  async #finish(job: Job, request: RunRequest, { verdict, noted }: Judged): Promise<void> {
    const { integrationId } = request;
    await this.books.work.run(async () => {
      await this.books.work.lockStreams([runStreamOf(job), matrixStream(integrationId)]);
      await this.#append(job, request, { type: 'FinishRun', verdict });
      if (noted === null) return;
      await this.books.matrix.handle({
        streamId: matrixStream(integrationId),
        routingKey: integrationId,
        command: { type: 'NoteRun', integrationId, run: noted },
        context: undefined,
        metadata: metadataOf(job, 'note'),
      });
    });
  }

  /** Nobody waits in silence: the run ends inconclusive, and says why. */
  async #giveUp(job: Job, error: unknown): Promise<void> {
    const { state } = await this.books.runs.load(runStreamOf(job));
    if (state.request === null || state.status === 'cancelled') return;
    await this.#finish(job, state.request, { verdict: abandoned(state, error), noted: null });
  }

  async #append(
    job: Job,
    { integrationId }: RunRequest,
    command: Parameters<RunStreams['handle']>[0]['command'],
  ): Promise<void> {
    const step = command.type === 'RecordCheck' ? `check ${command.result.check}` : command.type;
    const { appended } = await this.books.runs.handle({
      streamId: runStreamOf(job),
      routingKey: integrationId,
      command,
      context: undefined,
      metadata: metadataOf(job, step),
    });
    if (appended > 0) return;
    const { state } = await this.books.runs.load(runStreamOf(job));
    if (state.status === 'cancelled') throw new NotWanted();
  }
}

/** The run was cancelled while it was carried out. */
class NotWanted extends Error {
  override readonly name = 'NotWanted';
}

type Judged = Pick<JudgedRelease, 'verdict'> & { readonly noted: NotedRun | null };

function toolsOf({ vulnerabilities, sandbox }: CheckTools, signal: AbortSignal) {
  const scan: Desk['scan'] = ({ request }) => vulnerabilities?.scan(request, signal) ?? notAtHand();
  const walls: Desk['walls'] = () => sandbox?.walls() ?? notAtHand();
  const probe: Desk['probe'] = ({ request }) => sandbox?.probe(request, signal) ?? notAtHand();
  return { scan, walls, probe };
}

const notAtHand = (): Promise<never> => Promise.reject(new Error('This instance has no such tool.'));

const runStreamOf = ({ payload }: Job): string => runStream(payload['runId'] as string);

function metadataOf(job: Job, step: string): CommandMetadata {
  const { correlationId, playbookVersion, traceparent } = job.payload;
  return {
    actor: { id: 'system:validation', kind: 'system' },
    correlationId: correlationId as string,
    causationId: job.id,
    commandId: uuidv5(`${job.id} ${step}`),
    ...(typeof playbookVersion === 'string' ? { playbookVersion } : {}),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  };
}
