import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, monitoringHttp, ReleaseVersion } from '@kwanus/contracts';
import { Cursors, notFound, type Page, pageQuery } from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type ReleaseTotals, SealedWindowsQuery } from '../sealed-windows/sealed-windows.query.js';
import { checkVisible, partnerOf } from '../visibility.js';
import { WatchList } from '../watch/watch-list.js';
import { type UsageView, usageView } from './usage-view.js';

const UsageList = z.strictObject({ ...pageQuery, release: ReleaseVersion.optional() });
const ofIntegration = z.strictObject({ release: ReleaseVersion.optional() });
const MOST_RELEASES = 200;

/** What releases do: operations, workflows, permissions against grants, extensions. Sealed windows only. */
@ApiTags('usage')
@Controller('v1/usage')
export class UsageController {
  constructor(
    private readonly windows: SealedWindowsQuery,
    private readonly watchList: WatchList,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Usage of all releases that the caller may see.' })
  @ApiOkResponse({ standardSchema: monitoringHttp.UsagePage })
  async list(
    @Query({ schema: UsageList }) query: z.infer<typeof UsageList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<UsageView>> {
    const partner = partnerOf(caller);
    const scope = `usage|${partner ?? '*'}|${query.release ?? ''}`;
    const after = this.cursors.decode(scope, query.cursor) as readonly [string, string] | null;
    const found = await this.windows.releases({
      partner,
      release: query.release,
      after,
      limit: query.limit + 1,
    });
    const page = this.cursors.page(scope, found, query.limit, ({ integrationId, release }) => [
      integrationId,
      release,
    ]);
    return { items: await this.views(page.items), next: page.next };
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'Usage of one integration, release by release.' })
  @ApiOkResponse({ standardSchema: monitoringHttp.UsagePage })
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: ofIntegration }) { release }: z.infer<typeof ofIntegration>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<UsageView>> {
    checkVisible(caller, integrationId);
    const found = await this.windows.releases({
      integrationId,
      release,
      partner: null,
      after: null,
      limit: MOST_RELEASES,
    });
    if (found.length === 0) throw notFound();
    return { items: await this.views(found), next: null };
  }

  private views(found: readonly ReleaseTotals[]): Promise<UsageView[]> {
    return Promise.all(
      found.map(async (release) => {
        const { releases } = await this.watchList.of(release.integrationId);
        return usageView(release, releases.get(release.release)?.watched ?? null);
      }),
    );
  }
}
