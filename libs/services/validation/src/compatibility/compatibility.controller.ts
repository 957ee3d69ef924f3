import { type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { IntegrationId, ReleaseVersion, validationHttp } from '@kwanus/contracts';
import { canRollOut } from '@kwanus/domain-validation';
import type { ReadStreamOptions } from '@kwanus/event-store';
import {
  type Answer,
  Answers,
  answer,
  Cursors,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Platform } from '../platform/platform.js';
import { MatrixStreams, matrixStream } from '../validation-streams.js';
import { MatrixQuery, type MatrixView } from './matrix.query.js';

const List = z.strictObject({ ...pageQuery, integration: IntegrationId.optional(), at: pastQuery.at });
const Past = z.strictObject(pastQuery);
const Question = z.strictObject({
  ...pastQuery,
  platform: ReleaseVersion.optional(),
  environment: z.string().min(1).max(100).optional(),
});
type Can = z.infer<typeof validationHttp.CanRollOut>;

/** The compatibility matrix: which release fits which version of the platform, now and in the past. */
@ApiTags('compatibility')
@Controller('v1/compatibility')
export class CompatibilityController {
  constructor(
    private readonly matrix: MatrixQuery,
    private readonly streams: MatrixStreams,
    private readonly cursors: Cursors,
    private readonly platform: Platform,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The matrix, integration by integration, now or as it was.' })
  @Answers(validationHttp.MatrixPage)
  async list(
    @Query({ schema: List }) { limit, cursor, integration, at }: z.infer<typeof List>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<MatrixView>> {
    const partner = caller.partner;
    const scope = `compatibility|${partner ?? '*'}|${integration ?? '*'}|${at ?? ''}`;
    const after = this.cursors.decode(scope, cursor) as string | null;
    const found = await this.matrix.list({ partner, integration, after, limit: limit + 1 });
    const page = this.cursors.page(scope, found, limit, ({ integrationId }) => integrationId);
    if (at === undefined) return page;
    const past: MatrixView[] = [];
    for (const { integrationId } of page.items) past.push(await this.#view(integrationId, { at }));
    return { ...page, items: past.filter(({ rows }) => rows.length > 0) };
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'The rows of one integration, read from its stream.' })
  @Answers(validationHttp.MatrixView)
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<MatrixView>> {
    if (!maySee(caller, integrationId)) throw notFound();
    const view = await this.#view(integrationId, sliceOf(past));
    if (view.version === 0) throw notFound();
    return answer(view, { version: view.version });
  }

  @Get(':integrationId/:release/can-rollout')
  @ApiOperation({
    summary:
      'May it be rolled out beside every platform version in service, or the one named? Unknown blocks.',
  })
  @Answers(validationHttp.CanRollOut)
  async can(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Param('release', { schema: ReleaseVersion }) release: string,
    @Query({ schema: Question }) { platform, environment: asked, ...past }: z.infer<typeof Question>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Can>> {
    if (!maySee(caller, integrationId)) throw notFound();
    const { state, version } = await this.streams.load(matrixStream(integrationId), sliceOf(past));
    const { versions, environment: here } = await this.platform.facts(past.at);
    const environment = asked ?? here;
    const found = (platform === undefined ? versions : [platform]).map((platformVersion) => ({
      platformVersion,
      ...canRollOut(state, release, { platformVersion, environment }),
    }));
    const allowed = found.some((each) => each.allowed) && found.every((each) => each.allowed || each.outside);
    const answers = found.map(({ platformVersion, allowed: may, state: cell, reason }) => ({
      platformVersion,
      allowed: may,
      state: cell,
      reason,
    }));
    return answer({ integrationId, release, environment, allowed, answers }, { version });
  }

  async #view(integrationId: string, slice: ReadStreamOptions): Promise<MatrixView> {
    const { state, version } = await this.streams.load(matrixStream(integrationId), slice);
    const rows = Object.entries(state.rows)
      .map(([release, cells]) => ({ release, cells: [...cells] }))
      .sort((a, b) => (a.release < b.release ? -1 : 1));
    return { integrationId, rows, version };
  }
}
