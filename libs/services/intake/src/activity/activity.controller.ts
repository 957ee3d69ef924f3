import { setTimeout as pause } from 'node:timers/promises';
import { type Caller, CurrentCaller } from '@kwanus/auth';
import { isUuid } from '@kwanus/canonical';
import { IntegrationId } from '@kwanus/contracts';
import { AnswersBytes, HttpProblem, type StreamedEvent, StreamSlots, sendEventStream } from '@kwanus/http';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { checkVisible } from '../visibility.js';
import { Activity } from './activity.query.js';

const StreamQuery = z.strictObject({ integration: IntegrationId.optional() });
const BATCH = 200;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

interface Watched {
  readonly partner: string | null;
  readonly integrationId: string | null;
}

/** `/v1/stream`: what happens, as it happens; only what the caller may see. */
@ApiTags('stream')
@Controller('v1/stream')
export class ActivityController {
  readonly #slots = new StreamSlots();

  constructor(private readonly activity: Activity) {}

  /** Begins with what happens from now on, or after the event in Last-Event-ID; ends with the caller's token. */
  @Get()
  @ApiOperation({ summary: 'Server-sent events; resumes after Last-Event-ID.' })
  @AnswersBytes('text/event-stream')
  async stream(
    @CurrentCaller() caller: Caller,
    @Query({ schema: StreamQuery }) { integration }: z.infer<typeof StreamQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const partner = caller.partner;
    if (integration !== undefined) checkVisible(caller, integration);
    this.#slots.take(caller.actor.id, response);
    const start = await this.start(request.get('Last-Event-ID'), partner);
    const watched = { partner, integrationId: integration ?? null };
    await sendEventStream(request, response, {
      open: (_, signal) => this.follow(start, watched, signal),
      until: caller.expiresAt,
    });
  }

  private async start(lastEventId: string | undefined, partner: string | null): Promise<number> {
    if (lastEventId === undefined) return this.activity.end();
    const place = isUuid(lastEventId) ? await this.activity.placeOf(lastEventId, partner) : null;
    if (place !== null) return place;
    throw new HttpProblem(
      'header-invalid',
      'Last-Event-ID names no event that you may see: begin again without it.',
      {
        errors: [{ pointer: 'header:Last-Event-ID', message: 'is not known' }],
      },
    );
  }

  private async *follow(
    start: number,
    watched: Watched,
    signal: AbortSignal,
  ): AsyncGenerator<StreamedEvent, void, undefined> {
    let place = start;
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const lines = await this.activity.after(place, watched, BATCH);
      for (const { sequence, event } of lines) {
        yield { id: event.eventId, event: 'event', data: event };
        place = sequence;
      }
      wait = lines.length === 0 ? Math.min(wait * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
