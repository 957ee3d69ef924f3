import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, ReleaseVersion, validationHttp } from '@kwanus/contracts';
import { canRollOut } from '@kwanus/domain-validation';
import {
  type Answer,
  answer,
  Cursors,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { PLATFORM, type PlatformFacts } from '../platform.js';
import { MatrixStreams, matrixStream } from '../validation-streams.js';
import { maySee, partnerOf } from '../visibility.js';
import { MatrixQuery, type MatrixView } from './matrix.query.js';

const List = z.strictObject(pageQuery);
const Past = z.strictObject(pastQuery);
type Can = z.infer<typeof validationHttp.CanRollOut>;

/** The compatibility matrix: which release fits which version of the platform, now and in the past. */
@ApiTags('compatibility')
@Controller('v1/compatibility')
export class CompatibilityController {
  constructor(
    private readonly matrix: MatrixQuery,
    private readonly streams: MatrixStreams,
    private readonly cursors: Cursors,
    @Inject(PLATFORM) private readonly platform: PlatformFacts,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The matrix, integration by integration.' })
  @ApiOkResponse({ standardSchema: validationHttp.MatrixPage })
  async list(
    @Query({ schema: List }) { limit, cursor }: z.infer<typeof List>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<MatrixView>> {
    const partner = partnerOf(caller);
    const scope = `compatibility|${partner ?? '*'}`;
    const after = this.cursors.decode(scope, cursor) as string | null;
    const found = await this.matrix.list(partner, after, limit + 1);
    return this.cursors.page(scope, found, limit, ({ integrationId }) => integrationId);
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'The rows of one integration, read from its stream.' })
  @ApiOkResponse({ standardSchema: validationHttp.MatrixView })
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<MatrixView>> {
    if (!maySee(caller, integrationId)) throw notFound();
    const { state, version } = await this.streams.load(matrixStream(integrationId), sliceOf(past));
    if (version === 0) throw notFound();
    const rows = Object.entries(state.rows)
      .map(([release, cells]) => ({ release, cells: [...cells] }))
      .sort((a, b) => (a.release < b.release ? -1 : 1));
    return answer({ integrationId, rows, version }, { version });
  }

  @Get(':integrationId/:release/can-rollout')
  @ApiOperation({ summary: 'May it be rolled out beside every platform version in service? Unknown blocks.' })
  @ApiOkResponse({ standardSchema: validationHttp.CanRollOut })
  async can(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Param('release', { schema: ReleaseVersion }) release: string,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Can>> {
    if (!maySee(caller, integrationId)) throw notFound();
    const { state, version } = await this.streams.load(matrixStream(integrationId), sliceOf(past));
    if (version === 0) throw notFound();
    const { versions, environment } = this.platform;
    const answers = versions.map((platformVersion) => ({
      platformVersion,
      ...canRollOut(state, release, platformVersion, environment),
    }));
    const allowed =
      answers.some((each) => each.allowed) &&
      answers.every((each) => each.allowed || each.reason.startsWith('incompatible'));
    return answer({ integrationId, release, environment, allowed, answers }, { version });
  }
}
