import { operationsHttp } from '@kwanus/contracts';
import { EventStore } from '@kwanus/event-store';
import { type Answer, Answers, answer, Command, notFound } from '@kwanus/http';
import type { Clock } from '@kwanus/kernel';
import type { Relay } from '@kwanus/messaging';
import { Body, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { z } from 'zod';
import { CLOCK, RELAY } from '../tokens.js';
import { decisionOf } from './decision.js';
import { ProjectionsRoutes } from './projections.routes.js';

/** How far the log of a service has been published. */
export abstract class RelayRoutes extends ProjectionsRoutes {
  /** Nest leaves a property alone whose value is null. */
  @Inject(RELAY) private readonly relay: Relay | null = null;
  @Inject(EventStore) private readonly store!: EventStore;
  @Inject(CLOCK) private readonly clock!: Clock;

  @Get('relay')
  @ApiOperation({ summary: 'How far the log has been published, and what waits.' })
  @Answers(operationsHttp.RelayView)
  async showRelay(): Promise<z.infer<typeof operationsHttp.RelayView>> {
    const view = await this.relayView();
    if (view === null) throw notFound();
    return view;
  }

  /** Sends, and changes nothing here: no unit of work holds it. */
  @Post('relay/republish')
  @Command({ units: 'own' })
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sends a stream again from a version on; consumers leave out what they have seen.',
  })
  @Answers(operationsHttp.Republished)
  async republish(
    @Body({ schema: operationsHttp.Republish }) body: z.infer<typeof operationsHttp.Republish>,
  ): Promise<z.infer<typeof operationsHttp.Republished>> {
    const { stream, fromVersion } = body;
    if (this.relay === null || (await this.store.readStream(stream, { toVersion: 1 })).version === 0)
      throw notFound();
    return { stream, sent: await this.relay.republish(stream, fromVersion) };
  }

  @Post('relay/rewind')
  @Command()
  @HttpCode(202)
  @ApiOperation({
    summary:
      'Sends the whole log again, in order; consumers leave out what they have seen. An event says who and why.',
  })
  @Answers(operationsHttp.RelayRewound, 202)
  async rewind(
    @Body({ schema: operationsHttp.RewindRelay }) { reason }: z.infer<typeof operationsHttp.RewindRelay>,
  ): Promise<Answer<z.infer<typeof operationsHttp.RelayRewound>>> {
    if (this.relay === null) throw notFound();
    return answer({ lagEvents: await this.relay.rewind(decisionOf(reason)) }, { status: 202 });
  }

  /** @returns null for a log that is not relayed */
  protected async relayView(): Promise<z.infer<typeof operationsHttp.RelayView> | null> {
    if (this.relay === null) return null;
    const { position, behind, oldest } = await this.relay.progress();
    const lagSeconds = oldest === null ? 0 : Math.max(0, (this.clock.now() - Date.parse(oldest)) / 1000);
    return { position, lagEvents: behind, lagSeconds, blocked: this.relay.blocked };
  }
}
