import { isUtf8 } from 'node:buffer';
import { operationsHttp } from '@kwanus/contracts';
import { type Answer, Answers, answer, Command, notFound, wholeNumber } from '@kwanus/http';
import { DomainRejection } from '@kwanus/kernel';
import { Consumers, type ParkedMessage, type ServiceConsumers } from '@kwanus/messaging';
import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { decisionOf } from './decision.js';
import { RelayRoutes } from './relay.routes.js';

const ShowQuery = z.strictObject({
  limit: wholeNumber(1, 100)
    .optional()
    .transform((limit) => limit ?? 20)
    .meta({ description: 'How many of its messages: 1 to 100; 20 when left out.' }),
});

/** What the consumers of a service could not handle, and what an operator does about it. */
export abstract class ParkedRoutes extends RelayRoutes {
  @Inject(Consumers) private readonly consumers!: ServiceConsumers;

  @Get('parked')
  @ApiOperation({ summary: 'Keys whose messages could not be handled, and why.' })
  @Answers(operationsHttp.ParkedList)
  async listParked(): Promise<z.infer<typeof operationsHttp.ParkedList>> {
    return { items: [...(await this.consumers.parked.list())] };
  }

  @Get('parked/:consumer/:key')
  @ApiOperation({ summary: 'The first messages of a parked key, whole.' })
  @Answers(operationsHttp.ParkedKeyMessages)
  async showParked(
    @Param('consumer') consumer: string,
    @Param('key') key: string,
    @Query({ schema: ShowQuery }) { limit }: z.infer<typeof ShowQuery>,
  ): Promise<z.infer<typeof operationsHttp.ParkedKeyMessages>> {
    const messages = await this.consumers.parked.show(consumer, key, limit);
    if (messages.length === 0) throw notFound();
    return { consumer, key, items: messages.map(viewOf) };
  }

  /** Each message is handled in a unit of work of its own: what went well stays when a later one fails. */
  @Post('parked/:consumer/:key/redrive')
  @Command({ units: 'own' })
  @HttpCode(200)
  @ApiOperation({ summary: 'Handles the first 200 messages of a key again, in order, until one fails.' })
  @Answers(operationsHttp.Redriven)
  async redrive(
    @Param('consumer') consumer: string,
    @Param('key') key: string,
    @Body({ schema: operationsHttp.RedriveParked }) body: z.infer<typeof operationsHttp.RedriveParked>,
  ): Promise<z.infer<typeof operationsHttp.Redriven>> {
    await this.#mustBeParked(consumer, key);
    return this.consumers.parked.redrive(consumer, key, body);
  }

  @Post('parked/:consumer/:key/skip')
  @Command()
  @HttpCode(200)
  @ApiOperation({ summary: 'Leaves the first message of a key out for ever; an event says who and why.' })
  @Answers(operationsHttp.ParkedSkipped)
  async skip(
    @Param('consumer') consumer: string,
    @Param('key') key: string,
    @Body({ schema: operationsHttp.SkipParked }) { reason }: z.infer<typeof operationsHttp.SkipParked>,
  ): Promise<z.infer<typeof operationsHttp.ParkedSkipped>> {
    if (!(await this.consumers.parked.skip(consumer, key, decisionOf(reason)))) throw notFound();
    const left = (await this.consumers.parked.list(consumer)).find((parked) => parked.key === key);
    return { remaining: left?.messages ?? 0 };
  }

  /** What waited for them is handled in units of work of its own, as in a re-drive; asked again, it goes on with what is left. */
  @Post('parked/:consumer/gaps/:stream/skip')
  @Command({ units: 'own' })
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Gives up missing versions of a stream, and handles the first 200 messages that waited for them.',
  })
  @Answers(operationsHttp.GapSkipped)
  async skipGap(
    @Param('consumer') consumer: string,
    @Param('stream') stream: string,
    @Body({ schema: operationsHttp.SkipGap }) body: z.infer<typeof operationsHttp.SkipGap>,
  ): Promise<Answer<z.infer<typeof operationsHttp.GapSkipped>>> {
    if (!this.consumers.names.includes(consumer)) throw notFound();
    const { throughVersion, reason } = body;
    const { givenUp, handled, remaining, error } = await this.consumers.parked.skipGap(
      consumer,
      stream,
      throughVersion,
      decisionOf(reason),
    );
    if (!givenUp && handled === 0 && remaining === 0 && error === null)
      throw new DomainRejection(
        'nothing-to-skip',
        `${consumer} has come to version ${throughVersion} of ${stream} or beyond; nothing is missing up to there.`,
      );
    return answer({ consumer, stream, throughVersion, handled, remaining, error }, {});
  }

  async #mustBeParked(consumer: string, key: string): Promise<void> {
    if ((await this.consumers.parked.show(consumer, key, 1)).length === 0) throw notFound();
  }
}

function viewOf(parked: ParkedMessage): z.infer<typeof operationsHttp.ParkedMessageView> {
  const { topic, partition, position, key, headers, body } = parked.message;
  const { id, error, attempts, parkedAt } = parked;
  return {
    id,
    topic,
    partition,
    position,
    messageKey: key,
    headers: { ...headers },
    body: body === null ? null : contentOf(body),
    error,
    attempts,
    parkedAt,
  };
}

const contentOf = (body: Uint8Array): { encoding: 'utf8' | 'base64'; content: string } => {
  const encoding = isUtf8(body) ? 'utf8' : 'base64';
  return { encoding, content: Buffer.from(body).toString(encoding) };
};
