import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, monitoringHttp } from '@kwanus/contracts';
import { Answers, type Page } from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ReleaseList, ReleasePages } from '../sealed-windows/release-pages.js';
import type { ReleaseTotals } from '../sealed-windows/sealed-windows.query.js';
import { WatchList } from '../watch/watch-list.js';
import { type UsageView, usageView } from './usage-view.js';

/** What releases do: operations, workflows, permissions against grants, extensions. Sealed windows only. */
@ApiTags('usage')
@Controller('v1/usage')
export class UsageController {
  constructor(
    private readonly watchList: WatchList,
    private readonly pages: ReleasePages,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Usage of all releases that the caller may see.' })
  @Answers(monitoringHttp.UsagePage)
  async list(
    @Query({ schema: ReleaseList }) query: z.infer<typeof ReleaseList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<UsageView>> {
    return this.views(await this.pages.ofAll({ ...query, caller, list: 'usage' }));
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'Usage of one integration, release by release.' })
  @Answers(monitoringHttp.UsagePage)
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: ReleaseList }) query: z.infer<typeof ReleaseList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<UsageView>> {
    return this.views(await this.pages.ofIntegration(integrationId, { ...query, caller, list: 'usage' }));
  }

  private async views({ items, next }: Page<ReleaseTotals>): Promise<Page<UsageView>> {
    const found: UsageView[] = [];
    for (const release of items) {
      const { releases } = await this.watchList.of(release.integrationId);
      found.push(usageView(release, releases.get(release.release)?.watched ?? null));
    }
    return { items: found, next };
  }
}
