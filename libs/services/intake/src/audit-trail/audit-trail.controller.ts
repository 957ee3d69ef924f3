import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, intakeHttp } from '@kwanus/contracts';
import { type EventLog, Projections } from '@kwanus/event-store';
import {
  Answers,
  Cursors,
  caughtUp,
  minVersionQuery,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { EVENT_LOG } from '@kwanus/service';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { integrationStream } from '../integration-streams.js';
import { checkVisible } from '../visibility.js';
import { type AuditEventView, GetAuditTrail } from './audit-trail.query.js';

const TrailQuery = z.strictObject({
  ...pageQuery,
  ...pastQuery,
  ...minVersionQuery,
  since: z.coerce.number().int().min(0).default(0).meta({ description: 'Events after this number.' }),
});
const VerifyQuery = z.strictObject({ integration: IntegrationId });

/** The audit trail of an integration, and the proof that its chain is whole. */
@ApiTags('audit')
@Controller('v1')
export class AuditTrailController {
  constructor(
    private readonly queries: QueryBus,
    private readonly projections: Projections,
    private readonly cursors: Cursors,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  @Get('integrations/:id/events')
  @ApiOperation({ summary: 'The audit trail: numbered, with actor, reason, sentence and hash.' })
  @Answers(intakeHttp.AuditEventPage)
  async events(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: TrailQuery }) query: z.infer<typeof TrailQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<AuditEventView>> {
    checkVisible(caller, id);
    await caughtUp(this.projections, integrationStream(id), query.minVersion);
    const scope = `events|${id}|${caller.partner ?? '*'}|${query.at ?? ''}|${query.version ?? ''}`;
    const since = (this.cursors.decode(scope, query.cursor) as number | null) ?? query.since;
    const part = { ...sliceOf(query), since, limit: query.limit + 1 };
    const found = await this.queries.execute(new GetAuditTrail(id, part, caller));
    if (found.length === 0 && !(await this.exists(id))) throw notFound();
    return this.cursors.page(scope, found, query.limit, ({ number }) => number);
  }

  /** Recomputes every hash of the stream from the stored bytes. */
  @Get('audit/verify')
  @ApiOperation({ summary: 'Verifies the hash chain of an integration’s stream.' })
  @Answers(intakeHttp.AuditVerification)
  async verify(
    @Query({ schema: VerifyQuery }) { integration }: z.infer<typeof VerifyQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<z.infer<typeof intakeHttp.AuditVerification>> {
    checkVisible(caller, integration);
    const stream = integrationStream(integration);
    const { events, ok, fault } = await this.log.verifyStream(stream);
    if (events === 0 && ok) throw notFound();
    const broken = fault === null ? null : { number: Math.max(1, fault.version), reason: fault.reason };
    return { stream, events, intact: ok, head: await this.headOf(stream, events), broken };
  }

  private async headOf(stream: string, version: number): Promise<string | null> {
    if (version === 0) return null;
    const { events } = await this.log.store.readStream(stream, { fromVersion: version, toVersion: version });
    return events[0]?.hash ?? null;
  }

  private async exists(id: string): Promise<boolean> {
    const { events } = await this.log.store.readStream(integrationStream(id), { toVersion: 1 });
    return events.length > 0;
  }
}
