import type { Caller } from '@kwanus/auth';
import { EventStore, Projections, type ReadStreamOptions, UnitOfWork } from '@kwanus/event-store';
import { caughtUp, notFound, sliceOf } from '@kwanus/http';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { integrationStream } from '../integration-streams.js';
import { checkVisible } from '../visibility.js';
import { evolveOverview, NOTHING_YET, type Overview } from './overview.js';

/** Now, or a moment or version of the past, or not before a version. */
export interface When {
  readonly at?: string | undefined;
  readonly version?: number | undefined;
  readonly minVersion?: number | undefined;
}

/** How does an integration stand, or how did it? */
export class GetOverview extends Query<Overview> {
  constructor(
    readonly integrationId: string,
    readonly caller: Caller,
    readonly when: When = {},
  ) {
    super();
  }
}

/** From the read model; the past from the stream itself, by the same fold. */
@QueryHandler(GetOverview)
export class GetOverviewHandler implements IQueryHandler<GetOverview> {
  constructor(
    private readonly store: EventStore,
    private readonly work: UnitOfWork,
    private readonly projections: Projections,
  ) {}

  /** @throws HttpProblem not-found (missing, not there yet at that moment, another partner's: alike), not-caught-up */
  async execute({ integrationId, caller, when }: GetOverview): Promise<Overview> {
    checkVisible(caller, integrationId);
    const slice = sliceOf(when);
    const past = slice.at !== undefined || slice.toVersion !== undefined;
    const found = past
      ? await this.past(integrationId, slice)
      : await this.now(integrationId, when.minVersion);
    if (found === null || !found.state.proposed) throw notFound();
    return found;
  }

  private async past(integrationId: string, slice: ReadStreamOptions): Promise<Overview | null> {
    const { events } = await this.store.readStream(integrationStream(integrationId), slice);
    const overview = events.reduce(evolveOverview, NOTHING_YET);
    return slice.toVersion !== undefined && overview.version !== slice.toVersion ? null : overview;
  }

  private async now(integrationId: string, minVersion: number | undefined): Promise<Overview | null> {
    await caughtUp(this.projections, integrationStream(integrationId), minVersion);
    const [row] = await this.work.query<{ overview: string }>(
      'SELECT overview FROM intake_read.integration WHERE id = $1',
      [integrationId],
    );
    return row === undefined ? null : (JSON.parse(row.overview) as Overview);
  }
}
