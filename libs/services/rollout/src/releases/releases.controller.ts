import { type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { IntegrationId, ReleaseVersion, rolloutHttp } from '@kwanus/contracts';
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
} from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { releasesStream } from '../rollout-streams.js';
import { ReleasesQuery, type ReleaseView } from './releases.query.js';

const ReleaseList = z.strictObject({ ...pageQuery, integrationId: IntegrationId.optional() });
const OneRelease = z.strictObject(minVersionQuery);

/** Releases: immutable records of what was let out, by digest. */
@ApiTags('releases')
@Controller('v1/releases')
export class ReleasesController {
  constructor(
    private readonly releases: ReleasesQuery,
    private readonly projections: Projections,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Releases that the caller may see, the latest first.' })
  @Answers(rolloutHttp.ReleasePage)
  async list(
    @Query({ schema: ReleaseList }) { limit, cursor, ...filter }: z.infer<typeof ReleaseList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<ReleaseView>> {
    const partner = caller.partner;
    const scope = `releases|${partner ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string, string] | null;
    const found = await this.releases.list({ ...filter, partner, after, limit: limit + 1 });
    return this.cursors.page(scope, found, limit, ({ recordedAt, integrationId, release }) => [
      recordedAt,
      integrationId,
      release,
    ]);
  }

  @Get(':integrationId/:version')
  @ApiOperation({ summary: 'One release: its digests, who answers for it, its rollouts.' })
  @Answers(rolloutHttp.ReleaseView)
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Param('version', { schema: ReleaseVersion }) release: string,
    @Query({ schema: OneRelease }) { minVersion }: z.infer<typeof OneRelease>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<ReleaseView>> {
    if (!maySee(caller, integrationId)) throw notFound();
    await caughtUp(this.projections, releasesStream(integrationId), minVersion);
    const partner = caller.partner;
    const [found] = await this.releases.list({ partner, integrationId, release, after: null, limit: 1 });
    if (found === undefined) throw notFound();
    return answer(found, { version: found.version });
  }
}
