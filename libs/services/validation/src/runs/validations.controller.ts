import { type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { IntegrationId, ReleaseVersion, validationHttp } from '@kwanus/contracts';
import type { ValidationRun } from '@kwanus/domain-validation';
import { Projections } from '@kwanus/event-store';
import {
  type Answer,
  Answers,
  answer,
  Cursors,
  caughtUp,
  minVersionQuery,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { RunStreams, runStream } from '../validation-streams.js';
import { type RunSummary, RunsQuery } from './runs.query.js';

const RunList = z.strictObject({
  ...pageQuery,
  integrationId: IntegrationId.optional(),
  release: ReleaseVersion.optional(),
  outcome: z.enum(['passed', 'failed', 'inconclusive']).optional(),
});
const OneRun = z.strictObject({ ...minVersionQuery, ...pastQuery });
type RunView = z.infer<typeof validationHttp.RunView>;

/** Validation runs: what was judged, by which rules, and what was found. */
@ApiTags('validations')
@Controller('v1/validations')
export class ValidationsController {
  constructor(
    private readonly runs: RunsQuery,
    private readonly streams: RunStreams,
    private readonly projections: Projections,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Runs that the caller may see, the latest first.' })
  @Answers(validationHttp.RunPage)
  async list(
    @Query({ schema: RunList }) { limit, cursor, ...filter }: z.infer<typeof RunList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<RunSummary>> {
    const partner = caller.partner;
    const scope = `validations|${partner ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.runs.list({ ...filter, partner, after, limit: limit + 1 });
    return this.cursors.page(scope, found, limit, ({ requestedAt, runId }) => [requestedAt, runId]);
  }

  @Get(':runId')
  @ApiOperation({ summary: 'One run with its checks and findings, now or in the past.' })
  @Answers(validationHttp.RunView)
  async one(
    @Param('runId', { schema: validationHttp.RunId }) runId: string,
    @Query({ schema: OneRun }) { minVersion, ...past }: z.infer<typeof OneRun>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<RunView>> {
    const { state, version } = await this.streams.load(runStream(runId), sliceOf(past));
    if (state.request === null || !maySee(caller, state.request.integrationId)) throw notFound();
    await caughtUp(this.projections, runStream(runId), minVersion);
    return answer(viewOf(state, version), { version });
  }
}

function viewOf({ request, pins, checks, verdict, status }: ValidationRun, version: number): RunView {
  if (request === null || status === 'unknown') throw notFound();
  const { runId, integrationId, release, purpose, task, asOf } = request;
  const identity = { runId, integrationId, release, purpose, task, asOf, status, version };
  return {
    ...identity,
    ...pinnedOf(pins),
    ...verdictOf(verdict),
    checks: [...checks, ...unfinished(checks, verdict)] as unknown as RunView['checks'],
  };
}

/** @returns the checks of a run that was given up, each with the reason why it has no result */
const unfinished = (checks: ValidationRun['checks'], verdict: ValidationRun['verdict']) =>
  (verdict?.checks ?? [])
    .filter(({ check }) => !checks.some((finished) => finished.check === check))
    .map(({ check, kind, outcome, summary }) => ({
      check,
      kind,
      outcome,
      summary,
      findings: [],
      findingsArtifact: null,
    }));

const pinnedOf = (
  pins: ValidationRun['pins'],
): Pick<RunView, 'ruleset' | 'registryVersion' | 'platformVersions'> =>
  pins === null
    ? { ruleset: null, registryVersion: null, platformVersions: [] }
    : {
        ruleset: pins.ruleset,
        registryVersion: pins.registryVersion,
        platformVersions: [...pins.platformVersions],
      };

const verdictOf = (
  verdict: ValidationRun['verdict'],
): Pick<RunView, 'outcome' | 'facts' | 'inputs' | 'verdictDigest'> =>
  verdict === null
    ? { outcome: null, facts: null, inputs: {}, verdictDigest: null }
    : {
        outcome: verdict.outcome,
        facts: verdict.facts as RunView['facts'],
        inputs: verdict.inputs,
        verdictDigest: verdict.verdictDigest,
      };
