import { AllowRoles, type Caller, CurrentCaller, Forbidden } from '@kwanus/auth';
import { monitoringHttp, TOPICS } from '@kwanus/contracts';
import {
  type Answer,
  Answers,
  answer,
  Command,
  HttpProblem,
  type HttpRequest,
  type ProblemDetailError,
} from '@kwanus/http';
import { Transport } from '@kwanus/messaging';
import { Controller, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { type TelemetryEvent, toMessage } from './telemetry-message.js';

const SINGLE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const MOST_ERRORS = 100;

/** Takes telemetry from the platform's services; it is folded elsewhere, from the topic. */
@ApiTags('telemetry')
@Controller('v1/telemetry')
export class TelemetryController {
  constructor(private readonly transport: Transport) {}

  /** All of a batch is taken, or nothing. From the platform's own services only: a partner would judge its own rollout, or another's. */
  @Post()
  @Command()
  @AllowRoles('service')
  @ApiOperation({ summary: 'Sends telemetry: one CloudEvent, or a batch; 202 once the transport has it.' })
  @Answers(monitoringHttp.TelemetryAccepted, 202)
  @ApiConsumes(SINGLE, BATCH)
  @ApiBody({ schema: { oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] } })
  async send(
    @Req() request: HttpRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof monitoringHttp.TelemetryAccepted>>> {
    if (caller.partner !== null) throw new Forbidden("Telemetry is taken from the platform's own services.");
    const events = read(request);
    await this.transport.send(TOPICS.telemetry.name, events.map(toMessage));
    return answer({ accepted: events.length }, { status: 202 });
  }
}

function read(request: HttpRequest): readonly TelemetryEvent[] {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const body: unknown = request.body;
  if (mediaType === SINGLE) return [checked(monitoringHttp.TelemetryEvent, body)];
  if (mediaType === BATCH) return checked(monitoringHttp.TelemetryBatch, body);
  throw new HttpProblem('unsupported-media-type', `Send telemetry as ${SINGLE} or ${BATCH}.`);
}

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, MOST_ERRORS).map(
    ({ path, message }): ProblemDetailError => ({
      pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      message,
    }),
  );
  throw new HttpProblem('validation-failed', 'This is not telemetry; nothing of it was taken.', { errors });
}
