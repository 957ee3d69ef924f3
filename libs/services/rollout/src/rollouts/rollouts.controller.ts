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
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { RolloutStreams, rolloutStream } from '../rollout-streams.js';
import { type AnyRolloutView, rolloutView } from './rollout-view.js';
import { RolloutsQuery } from './rollouts.query.js';

const RolloutList = z.strictObject({
  ...pageQuery,
  integrationId: IntegrationId.optional(),
  release: ReleaseVersion.optional(),
  status: rolloutHttp.RolloutStatus.optional(),
});
const OneRollout = z.strictObject({ ...minVersionQuery, ...pastQuery });
const RolloutId = z.string().min(1).max(200);

/** Rollouts: plan, step, holds, what decided. They are moved through the integration (intake), never here. */
@ApiTags('rollouts')
@Controller('v1/rollouts')
export class RolloutsController {
  constructor(
    private readonly rollouts: RolloutsQuery,
    private readonly streams: RolloutStreams,
    private readonly projections: Projections,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Rollouts that the caller may see, the latest first.' })
  @Answers(rolloutHttp.RolloutPage)
  async list(
    @Query({ schema: RolloutList }) { limit, cursor, ...filter }: z.infer<typeof RolloutList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<AnyRolloutView>> {
    const partner = caller.partner;
    const scope = `rollouts|${partner ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.rollouts.list({ ...filter, partner, after, limit: limit + 1 });
    const page = this.cursors.page(scope, found, limit, ({ askedAt, view }) => [askedAt, view.rolloutId]);
    return { items: page.items.map(({ view }) => view), next: page.next };
  }

  @Get(':rolloutId')
  @ApiOperation({ summary: 'One rollout, now or in the past.' })
  @Answers(rolloutHttp.AnyRolloutView)
  async one(
    @Param('rolloutId', { schema: RolloutId }) rolloutId: string,
    @Query({ schema: OneRollout }) query: z.infer<typeof OneRollout>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<AnyRolloutView>> {
    const known = await this.past(rolloutId, {});
    if (known === null || !maySee(caller, known.integrationId)) throw notFound();
    const found = await this.read(rolloutId, query);
    if (found === null) throw notFound();
    return answer(found, { version: found.version });
  }

  private async read(rolloutId: string, query: z.infer<typeof OneRollout>): Promise<AnyRolloutView | null> {
    if (query.at !== undefined || query.version !== undefined) return this.past(rolloutId, sliceOf(query));
    await caughtUp(this.projections, rolloutStream(rolloutId), query.minVersion);
    return this.rollouts.find(rolloutId);
  }

  private async past(rolloutId: string, slice: ReturnType<typeof sliceOf>): Promise<AnyRolloutView | null> {
    const { state, version } = await this.streams.load(rolloutStream(rolloutId), slice);
    return rolloutView(state, version);
  }
}
