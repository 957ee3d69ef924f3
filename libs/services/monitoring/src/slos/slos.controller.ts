import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, monitoringHttp } from '@kwanus/contracts';
import { Answers, type Page } from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ReleaseList, ReleasePages } from '../sealed-windows/release-pages.js';
import type { ReleaseTotals } from '../sealed-windows/sealed-windows.query.js';
import { SlosQuery, type SloView } from './slos.query.js';

/** Service level objectives, error budgets, burn rates. Sealed windows only. */
@ApiTags('slos')
@Controller('v1/slos')
export class SlosController {
  constructor(
    private readonly slos: SlosQuery,
    private readonly pages: ReleasePages,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How promises are kept, release by release; a page is of releases.' })
  @Answers(monitoringHttp.SloPage)
  async list(
    @Query({ schema: ReleaseList }) query: z.infer<typeof ReleaseList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<SloView>> {
    return this.views(await this.pages.ofAll({ ...query, caller, list: 'slos' }));
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'How the promises of one integration are kept; a page is of releases.' })
  @Answers(monitoringHttp.SloPage)
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: ReleaseList }) query: z.infer<typeof ReleaseList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<SloView>> {
    return this.views(await this.pages.ofIntegration(integrationId, { ...query, caller, list: 'slos' }));
  }

  private async views({ items, next }: Page<ReleaseTotals>): Promise<Page<SloView>> {
    const found: SloView[] = [];
    for (const release of items) found.push(...(await this.slos.ofRelease(release)));
    return { items: found, next };
  }
}
