import type { Caller } from '@kwanus/auth';
import { ReleaseVersion } from '@kwanus/contracts';
import { Cursors, notFound, type Page, pageQuery, wholeNumber } from '@kwanus/http';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { checkVisible } from '../visibility.js';
import { type ReleaseTotals, SealedWindowsQuery } from './sealed-windows.query.js';

/** What lists of releases may be asked for. Each item is several reads: a page is smaller than elsewhere. */
export const ReleaseList = z.strictObject({
  ...pageQuery,
  limit: wholeNumber(1, 50)
    .optional()
    .transform((limit) => limit ?? 20)
    .meta({ description: 'Releases in one page: 1 to 50; 20 when left out.' }),
  release: ReleaseVersion.optional(),
});

/** Who asks which list, and for which part of it. */
export interface ReleaseListing extends z.infer<typeof ReleaseList> {
  readonly caller: Caller;
  /** Names the list in its cursors: a cursor of one list opens no other. */
  readonly list: string;
}

/** Totals of releases, page by page, in the order of integration and release. */
@Injectable()
export class ReleasePages {
  constructor(
    private readonly windows: SealedWindowsQuery,
    private readonly cursors: Cursors,
  ) {}

  /** @returns releases of all integrations that the caller may see */
  ofAll(listing: ReleaseListing): Promise<Page<ReleaseTotals>> {
    return this.page(listing, { partner: listing.caller.partner, integrationId: undefined });
  }

  /**
   * @returns releases of one integration
   * @throws HttpProblem not-found when nothing is known of it, or the caller may not see it
   */
  async ofIntegration(integrationId: string, listing: ReleaseListing): Promise<Page<ReleaseTotals>> {
    checkVisible(listing.caller, integrationId);
    const page = await this.page(listing, { partner: null, integrationId });
    if (page.items.length === 0) throw notFound();
    return page;
  }

  private async page(
    { list, release, cursor, limit }: ReleaseListing,
    whose: { readonly partner: string | null; readonly integrationId: string | undefined },
  ): Promise<Page<ReleaseTotals>> {
    const scope = `${list}|${whose.integrationId ?? whose.partner ?? '*'}|${release ?? ''}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.windows.releases({ ...whose, release, after, limit: limit + 1 });
    return this.cursors.page(scope, found, limit, (one) => [one.integrationId, one.release]);
  }
}
