import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, intakeHttp } from '@kwanus/contracts';
import { type Answer, Answers, Command, commandMetadata } from '@kwanus/http';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DecideOnIntegration } from '../commands/decide-on-integration.handler.js';
import { type Committed, giverOf, requestIdOf } from '../integration-desk.js';
import { Playbooks } from '../playbooks/playbooks.js';
import { decidedBy, type LifecycleBody, playbookOf } from './lifecycle.js';

/** Every move in the life of a release or of an integration; each can be undone by another, and none deletes anything. */
@ApiTags('lifecycle')
@Controller('v1/integrations/:id')
export class LifecycleController {
  constructor(
    private readonly commands: CommandBus,
    private readonly playbooks: Playbooks,
  ) {}

  @Post('lifecycle')
  @Command()
  @HttpCode(200)
  @AllowRoles('partner', 'reviewer', 'operator', 'admin')
  @ApiOperation({
    summary: 'Withdraw, resubmit, pause, resume, roll back, suspend, reinstate, deprecate, retire …',
  })
  @Answers(intakeHttp.IntegrationCommitted)
  move(
    @Param('id', { schema: IntegrationId }) integrationId: string,
    @Body({ schema: intakeHttp.LifecycleMove }) body: LifecycleBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const given = { ...giverOf(caller), integrationId, requestId: requestIdOf(commandMetadata()) };
    const adopt = playbookOf(body, this.playbooks);
    const decided = decidedBy(body, given);
    return this.commands.execute(
      new DecideOnIntegration(caller, { integrationId, ...decided, ...(adopt === null ? {} : { adopt }) }),
    );
  }
}
