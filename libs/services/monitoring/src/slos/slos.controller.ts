import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, monitoringHttp, ReleaseVersion } from '@kwanus/contracts';
import { Cursors, notFound, type Page, pageQuery } from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { SealedWindowsQuery } from '../sealed-windows/sealed-windows.query.js';
import { checkVisible, partnerOf } from '../visibility.js';
import { SlosQuery, type SloView } from './slos.query.js';

const SloList = z.strictObject({ ...pageQuery, release: ReleaseVersion.optional() });
const ofIntegration = z.strictObject({ release: ReleaseVersion.optional() });
const MOST_RELEASES = 200;

/** Service level objectives, error budgets, burn rates. Sealed windows only. */
@ApiTags('slos')
@Controller('v1/slos')
export class SlosController {
  constructor(
    private readonly slos: SlosQuery,
    private readonly windows: SealedWindowsQuery,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How promises are kept, release by release; a page is of releases.' })
  @ApiOkResponse({ standardSchema: monitoringHttp.SloPage })
  async list(
    @Query({ schema: SloList }) query: z.infer<typeof SloList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<SloView>> {
    const partner = partnerOf(caller);
    const scope = `slos|${partner ?? '*'}|${query.release ?? ''}`;
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
    const items = await Promise.all(page.items.map((release) => this.slos.ofRelease(release)));
    return { items: items.flat(), next: page.next };
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'How the promises of one integration are kept.' })
  @ApiOkResponse({ standardSchema: monitoringHttp.SloPage })
  async one(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: ofIntegration }) { release }: z.infer<typeof ofIntegration>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<SloView>> {
    checkVisible(caller, integrationId);
    const found = await this.windows.releases({
      integrationId,
      release,
      partner: null,
      after: null,
      limit: MOST_RELEASES,
    });
    if (found.length === 0) throw notFound();
    const items = await Promise.all(found.map((each) => this.slos.ofRelease(each)));
    return { items: items.flat(), next: null };
  }
}
