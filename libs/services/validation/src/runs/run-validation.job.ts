import { createHash } from 'node:crypto';
import { ArtifactStore } from '@kwanus/artifacts';
import { uuidv5 } from '@kwanus/canonical';
import {
  CATALOGUE,
  checkEvidence,
  evidenceKind,
  evidenceTaskOf,
  RULESET,
  runChecks,
  type Verdict,
  verdictBytes,
} from '@kwanus/checks-catalogue';
import type { CheckContext, CheckResult, Submission } from '@kwanus/checks-kit';
import type { NotedRun, RunPins, RunRequest, RunVerdict, ValidationRun } from '@kwanus/domain-validation';
import {
  type CommandMetadata,
  type Job,
  type JobHandler,
  Jobs,
  type Reaction,
  UnitOfWork,
} from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { PLATFORM, type PlatformFacts } from '../platform.js';
import {
  MatrixStreams,
  matrixStream,
  REGISTRY_STREAM,
  RegistryStreams,
  RunStreams,
  runStream,
} from '../validation-streams.js';
import { checkSummary, packCheck, roomPerCheck } from './findings.js';
import { RunInputsGatherer } from './run-inputs.js';

const JOB = 'validation-run';
const LEASE_MS = 60_000;
const TIME_LIMIT_MS = 10 * 60_000;
/** What is judged again every year, against the platform of that day. */
const STEWARDSHIP = new Set([
  'manifest',
  'contract-definition',
  'platform-compatibility',
  'permission-boundary',
  'forbidden-permissions',
  'forbidden-database',
  'forbidden-internal-api',
  'lifecycle-documentation',
]);

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
    @Inject(PLATFORM) private readonly platform: PlatformFacts,
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
    if (state.request === null || state.verdict !== null) return;
    const { request } = state;
    const pins = state.pins ?? (await this.#start(job, request));
    const submission = await this.gatherer.submission(request);
    const context = await this.gatherer.context(request, pins, signal);
    const verdict =
      request.purpose === 'preparation'
        ? await this.#judgeEvidence(job, request, [submission, context])
        : await this.#judge(job, request, [submission, context, pins]);
    await this.#finish(job, request, verdict);
  }

  /** Pins what the verdict depends on; a repetition finds it in the log. */
  async #start(job: Job, request: RunRequest): Promise<RunPins> {
    const { version } = await this.books.registry.load(REGISTRY_STREAM);
    const pins: RunPins = {
      checks: checksOf(request),
      ruleset: RULESET,
      registryVersion: version,
      platformVersions: this.platform.versions,
      profile: 'strict-partner',
    };
    await this.#append(job, request, { type: 'StartRun', pins });
    const { state } = await this.books.runs.load(runStreamOf(job));
    return state.pins ?? pins;
  }

  async #judge(
    job: Job,
    request: RunRequest,
    [submission, context, pins]: readonly [Submission, CheckContext, RunPins],
  ): Promise<Judged> {
    let last: Promise<void> = Promise.resolve();
    const verdict = await runChecks(submission, context, {
      checks: pins.checks,
      signal: context.signal,
      onResult: (result, { kind }) => {
        last = last.then(() => this.#record(job, request, [result, kind])); // one after another: one stream
        return last;
      },
    });
    const room = roomPerCheck(verdict.results);
    return {
      verdict: verdictOf(verdict, room),
      noted: {
        release: request.release,
        runId: request.runId,
        outcome: verdict.outcome,
        breaking: verdict.facts.breaking,
        platform: platformOf(verdict),
        notPassed: verdict.results.filter(({ outcome }) => outcome !== 'passed').map(({ check }) => check),
      },
    };
  }

  async #judgeEvidence(
    job: Job,
    request: RunRequest,
    [submission, context]: readonly [Submission, CheckContext],
  ): Promise<Judged> {
    const task = evidenceTaskOf(request.task ?? '');
    const result: CheckResult =
      task === null
        ? {
            check: `preparation-${request.task ?? ''}`,
            outcome: 'inconclusive',
            findings: [],
            summary: `No check knows the task ${request.task ?? ''}.`,
            facts: {},
          }
        : await checkEvidence(task, submission, context);
    const kind = task === null ? 'compatibility' : evidenceKind(task);
    await this.#record(job, request, [result, kind]);
    const outcome =
      result.outcome === 'passed' ? 'passed' : result.outcome === 'failed' ? 'failed' : 'inconclusive';
    return {
      verdict: {
        outcome,
        checks: [checkSummary(result, kind)],
        facts: NO_FACTS,
        inputs: inputsOf(request),
        ruleset: RULESET,
        registryVersion: context.registry.version,
        verdictDigest: null,
      },
      noted: null,
    };
  }

  async #record(
    job: Job,
    request: RunRequest,
    [result, kind]: readonly [CheckResult, string],
  ): Promise<void> {
    const packed = packCheck(result, kind);
    if (packed.overflow !== null)
      await this.books.artifacts.put(
        `sha256:${packed.result.findingsArtifact ?? ''}`,
        'application/json',
        packed.overflow,
      );
    await this.#append(job, request, { type: 'RecordCheck', result: packed.result });
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
    if (state.request === null) return;
    await this.#finish(job, state.request, { verdict: abandoned(state, error), noted: null });
  }

  async #append(
    job: Job,
    { integrationId }: RunRequest,
    command: Parameters<RunStreams['handle']>[0]['command'],
  ): Promise<void> {
    const step = command.type === 'RecordCheck' ? `check ${command.result.check}` : command.type;
    await this.books.runs.handle({
      streamId: runStreamOf(job),
      routingKey: integrationId,
      command,
      context: undefined,
      metadata: metadataOf(job, step),
    });
  }
}

interface Judged {
  readonly verdict: RunVerdict;
  readonly noted: NotedRun | null;
}

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

function checksOf({ purpose, task }: RunRequest): readonly string[] {
  if (purpose === 'preparation') return [`preparation-${evidenceTaskOf(task ?? '') ?? task ?? ''}`];
  const ids = CATALOGUE.map(({ id }) => id);
  return purpose === 'stewardship' ? ids.filter((id) => STEWARDSHIP.has(id)) : ids;
}

const kindOf = (check: string): string => CATALOGUE.find(({ id }) => id === check)?.kind ?? 'compatibility';

const verdictOf = (verdict: Verdict, room: number): RunVerdict => ({
  outcome: verdict.outcome,
  checks: verdict.results.map((result) => checkSummary(result, kindOf(result.check), room)),
  facts: verdict.facts as unknown as JsonObject,
  inputs: verdict.inputs,
  ruleset: verdict.ruleset,
  registryVersion: verdict.registryVersion,
  verdictDigest: createHash('sha256').update(verdictBytes(verdict)).digest('hex'),
});

function platformOf({ results }: Verdict): NotedRun['platform'] {
  const platform = results.find(({ check }) => check === 'platform-compatibility')?.facts['platform'];
  return Array.isArray(platform) ? (platform as NotedRun['platform']) : [];
}

const NO_FACTS = {
  breaking: false,
  semver: 'none',
  newPermissions: [],
  newWorkflows: [],
  newExtensions: [],
  partnerOnly: false,
  forbiddenNear: false,
  changedSections: [],
};

const inputsOf = ({ submission }: RunRequest): Readonly<Record<string, string>> => ({
  submission: createHash('sha256')
    .update(JSON.stringify(submission.files.map(({ path, digest }) => [path, digest])))
    .digest('hex'),
});

function abandoned(state: ValidationRun, error: unknown): RunVerdict {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const finished = new Map(state.checks.map((check) => [check.check, check]));
  const checks = (state.pins?.checks ?? []).map((check): JsonObject => {
    const done = finished.get(check);
    const summary = done?.summary ?? `The run could not be carried out: ${why}`;
    return {
      check,
      kind: done?.kind ?? kindOf(check),
      outcome: done?.outcome ?? 'inconclusive',
      summary: summary.slice(0, 500),
      blocking: [],
      warnings: 0,
    };
  });
  return {
    outcome: 'inconclusive',
    checks,
    facts: NO_FACTS,
    inputs: {},
    ruleset: state.pins?.ruleset ?? RULESET,
    registryVersion: state.pins?.registryVersion ?? 0,
    verdictDigest: null,
  };
}
