import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { uuidv5 } from '@kwanus/canonical';
import { IntegrationId, intakeHttp } from '@kwanus/contracts';
import { GrantWaiver, Vote } from '@kwanus/domain-integration';
import { type Answer, Answers, Command, commandMetadata } from '@kwanus/http';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { DecideOnIntegration } from '../commands/decide-on-integration.handler.js';
import { type Committed, giverOf, requestIdOf } from '../integration-desk.js';

/** What bodies decide: votes and waivers. Seats are judged by the aggregate, from the stream of seats. */
@ApiTags('decisions')
@Controller('v1/integrations/:id')
export class DecisionsController {
  constructor(private readonly commands: CommandBus) {}

  @Post('decisions')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({
    summary: 'A vote on an approval, a checkpoint, a rollout step, the sign-off; or its withdrawal.',
  })
  @Answers(intakeHttp.IntegrationCommitted)
  vote(
    @Param('id', { schema: IntegrationId }) integrationId: string,
    @Body({ schema: intakeHttp.RecordDecision }) body: z.infer<typeof intakeHttp.RecordDecision>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const { release, name = null, evidence, ...ballot } = body;
    const given = { ...giverOf(caller), integrationId, release, requestId: requestIdOf(commandMetadata()) };
    const command = new Vote(given, { ...ballot, name, evidence });
    return this.commands.execute(
      new DecideOnIntegration(caller, { integrationId, release, command, evidence }),
    );
  }

  @Post('waivers')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({ summary: 'A member of the owning body accepts what a check says, until a day.' })
  @Answers(intakeHttp.IntegrationCommitted)
  waive(
    @Param('id', { schema: IntegrationId }) integrationId: string,
    @Body({ schema: intakeHttp.GrantWaiver }) body: z.infer<typeof intakeHttp.GrantWaiver>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const { release, expiresAt, ...waiver } = body;
    const metadata = commandMetadata();
    const given = { ...giverOf(caller), integrationId, release, requestId: requestIdOf(metadata) };
    const command = new GrantWaiver(given, {
      ...waiver,
      waiverId: uuidv5(`intake waiver ${metadata.commandId}`),
      expiresAt: new Date(expiresAt).toISOString(),
    });
    return this.commands.execute(new DecideOnIntegration(caller, { integrationId, release, command }));
  }
}
