import { type Caller, CurrentCaller } from '@kwanus/auth';
import { intakeHttp } from '@kwanus/contracts';
import { Answers, Cursors, type Page, pageQuery } from '@kwanus/http';
import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { GetStewardshipCalendar, type StewardshipTaskView } from './stewardship-calendar.query.js';

const CalendarQuery = z.strictObject({ ...pageQuery, body: intakeHttp.BodyId.optional() });

/** The annual tasks of all integrations. */
@ApiTags('stewardship')
@Controller('v1/stewardship')
export class StewardshipCalendarController {
  constructor(
    private readonly queries: QueryBus,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Annual tasks that the caller may see, the earliest due date first.' })
  @Answers(intakeHttp.StewardshipPage)
  async calendar(
    @Query({ schema: CalendarQuery }) { limit, cursor, body }: z.infer<typeof CalendarQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<StewardshipTaskView>> {
    const partner = caller.partner;
    const scope = `stewardship|${partner ?? '*'}|${body ?? ''}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.queries.execute(
      new GetStewardshipCalendar({ partner, body }, { after, limit: limit + 1 }),
    );
    return this.cursors.page(scope, found, limit, ({ dueAt, integrationId, task }) => [
      dueAt,
      `${integrationId} ${task}`,
    ]);
  }
}
