import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, monitoringHttp, ReleaseVersion } from '@kwanus/contracts';
import { type AlertCommand, alert } from '@kwanus/domain-monitoring';
import { Projections } from '@kwanus/event-store';
import {
  type Answer,
  Answers,
  answer,
  Command,
  Cursors,
  caughtUp,
  checkIfMatch,
  commandMetadata,
  minVersionQuery,
  notFound,
  type Page,
  pageQuery,
} from '@kwanus/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { MonitoringStreams } from '../monitoring-streams.js';
import { checkVisible } from '../visibility.js';
import { alertStream } from './alert-signals.js';
import { AlertsQuery, type AlertView } from './alerts.query.js';

const AlertList = z.strictObject({
  ...pageQuery,
  integrationId: IntegrationId.optional(),
  release: ReleaseVersion.optional(),
  status: z.enum(['open', 'acknowledged', 'resolved']).optional(),
});
const OneAlert = z.strictObject(minVersionQuery);
const AlertId = z.uuid();
type Reason = z.infer<typeof monitoringHttp.AlertReason>;
type Committed = z.infer<typeof monitoringHttp.AlertCommitted>;

/** Alerts: raised by burn rates and violations, acknowledged by people, resolved. */
@ApiTags('alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(
    private readonly alerts: AlertsQuery,
    private readonly streams: MonitoringStreams,
    private readonly projections: Projections,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Alerts that the caller may see, the latest first.' })
  @Answers(monitoringHttp.AlertPage)
  async list(
    @Query({ schema: AlertList }) { limit, cursor, ...filter }: z.infer<typeof AlertList>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<AlertView>> {
    const partner = caller.partner;
    const scope = `alerts|${partner ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string] | null;
    const found = await this.alerts.list({ ...filter, partner, after, limit: limit + 1 });
    return this.cursors.page(scope, found, limit, ({ raisedAt, alertId }) => [raisedAt, alertId]);
  }

  @Get(':alertId')
  @ApiOperation({ summary: 'One alert, with the numbers that raised it.' })
  @Answers(monitoringHttp.AlertView)
  async one(
    @Param('alertId', { schema: AlertId }) alertId: string,
    @Query({ schema: OneAlert }) { minVersion }: z.infer<typeof OneAlert>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<AlertView>> {
    await this.visible(alertId, caller);
    await caughtUp(this.projections, alertStream(alertId), minVersion);
    const found = await this.alerts.find(alertId, caller.partner);
    if (found === null) throw notFound();
    return answer(found, { version: found.version });
  }

  @Post(':alertId/acknowledge')
  @Command()
  @HttpCode(200)
  @AllowRoles('operator', 'reviewer')
  @ApiOperation({ summary: 'A person has seen it, and says what they will do.' })
  @Answers(monitoringHttp.AlertCommitted)
  acknowledge(
    @Param('alertId', { schema: AlertId }) alertId: string,
    @Body({ schema: monitoringHttp.AlertReason }) { reason }: Reason,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    return this.command(alertId, { type: 'AcknowledgeAlert', reason }, caller);
  }

  @Post(':alertId/resolve')
  @Command()
  @HttpCode(200)
  @AllowRoles('operator', 'reviewer')
  @ApiOperation({ summary: 'A person says that it is over; the only way for alerts about permissions.' })
  @Answers(monitoringHttp.AlertCommitted)
  resolve(
    @Param('alertId', { schema: AlertId }) alertId: string,
    @Body({ schema: monitoringHttp.AlertReason }) { reason }: Reason,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    return this.command(alertId, { type: 'ResolveAlert', reason }, caller);
  }

  private async command(alertId: string, command: AlertCommand, caller: Caller): Promise<Answer<Committed>> {
    const integrationId = await this.visible(alertId, caller);
    const { version } = await this.streams.handle({
      decider: alert,
      streamId: alertStream(alertId),
      routingKey: integrationId,
      command,
      metadata: commandMetadata(),
      check: checkIfMatch,
    });
    return answer({ alertId, version }, { version });
  }

  /** The stream itself is asked, not the read model: what was raised a moment ago is there. @returns its integration */
  private async visible(alertId: string, caller: Caller): Promise<string> {
    const { state } = await this.streams.read(alert, alertStream(alertId));
    if (state.status === 'never') throw notFound();
    checkVisible(caller, state.raised.integrationId);
    return state.raised.integrationId;
  }
}
