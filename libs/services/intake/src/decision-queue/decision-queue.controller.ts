import { type Caller, CurrentCaller } from '@kwanus/auth';
import { intakeHttp } from '@kwanus/contracts';
import { Answers, Cursors, notFound, type Page, pageQuery } from '@kwanus/http';
import type { Clock } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Playbooks } from '../playbooks/playbooks.js';
import { GetDecisionQueue, type OpenDecision } from './decision-queue.query.js';

const QueueQuery = z.strictObject(pageQuery);
const NO_DATE = '9999';
type DecisionItem = z.infer<typeof intakeHttp.DecisionItem>;

/** What waits for a body. */
@ApiTags('bodies')
@Controller('v1/bodies')
export class DecisionQueueController {
  constructor(
    private readonly queries: QueryBus,
    private readonly cursors: Cursors,
    private readonly playbooks: Playbooks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':body/queue')
  @ApiOperation({ summary: 'What the body has to decide, the earliest due date first.' })
  @Answers(intakeHttp.DecisionQueuePage)
  async queue(
    @Param('body', { schema: intakeHttp.BodyId }) body: string,
    @Query({ schema: QueueQuery }) { limit, cursor }: z.infer<typeof QueueQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<DecisionItem>> {
    if (!this.playbooks.current.bodies.some(({ id }) => id === body)) throw notFound();
    const partner = caller.partner;
    const scope = `queue|${body}|${partner ?? '*'}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.queries.execute(
      new GetDecisionQueue(body, partner, { after, limit: limit + 1 }),
    );
    const page = this.cursors.page(scope, found, limit, positionOf);
    const now = new Date(this.clock.now()).toISOString();
    return {
      items: page.items.map((item) => ({ ...item, overdue: item.dueAt !== null && item.dueAt < now })),
      next: page.next,
    };
  }
}

const positionOf = ({ dueAt, integrationId, release, requirement, body }: OpenDecision): [string, string] => [
  dueAt ?? NO_DATE,
  `${integrationId} ${release} ${requirement} ${body}`,
];
