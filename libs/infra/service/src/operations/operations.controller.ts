import { AllowRoles } from '@kwanus/auth';
import { operationsHttp } from '@kwanus/contracts';
import { type EventLog, Projections } from '@kwanus/event-store';
import { Answers } from '@kwanus/http';
import { Consumers, type ServiceConsumers } from '@kwanus/messaging';
import { Controller, Get, Inject, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { LogName } from '../options.js';
import { EVENT_LOG } from '../tokens.js';
import { ParkedRoutes } from './parked.routes.js';

/** All of an operator's routes of one log. */
abstract class OperationsRoutes extends ParkedRoutes {
  protected abstract readonly logName: LogName;
  @Inject(EVENT_LOG) private readonly log!: EventLog;
  @Inject(Projections) private readonly readModels!: Projections;
  @Inject(Consumers) private readonly registered!: ServiceConsumers;

  @Get('health')
  @ApiOperation({ summary: 'What holds the log back, and how far everything that is fed from it is behind.' })
  @Answers(operationsHttp.OperationsHealth)
  async health(): Promise<z.infer<typeof operationsHttp.OperationsHealth>> {
    const [horizon, projections, lag, relay, parked] = await Promise.all([
      this.log.horizon(),
      this.readModels.list(),
      this.registered.lag(),
      this.relayView(),
      this.registered.parked.list(),
    ]);
    return {
      service: this.logName,
      horizon,
      projectionLag: Math.max(0, ...projections.filter(isServing).map(({ lagEvents }) => lagEvents)),
      consumerLag: Object.fromEntries(lag),
      relay,
      parked: { keys: parked.length, messages: parked.reduce((sum, { messages }) => sum + messages, 0) },
    };
  }
}

const isServing = ({ state }: { readonly state: string }): boolean => state === 'serving';

/** The telemetry log of monitoring is operated beneath monitoring's own routes. */
const pathOf = (log: LogName): string => log.replace('_', '/');

/**
 * A controller class of its own for each log: four services stand in one application, each with its own parts.
 * @returns the controller of `/v1/operations/<service>`, for the roles operator and admin
 */
export function operationsControllerOf(log: LogName): Type {
  @ApiTags('operations')
  @AllowRoles('operator', 'admin')
  @Controller(`v1/operations/${pathOf(log)}`)
  class OperationsController extends OperationsRoutes {
    protected override readonly logName = log;
  }
  const words = log.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  // Operation ids of the OpenAPI document and route labels of the metrics are made from the name.
  Object.defineProperty(OperationsController, 'name', { value: `${words.join('')}Operations` });
  return OperationsController;
}
