import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { intakeHttp } from '@kwanus/contracts';
import { type Answer, Answers, Command } from '@kwanus/http';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Committed } from '../integration-desk.js';
import type { SubmitBody } from './submission.js';
import { OpenRelease } from './submit-release.handler.js';

@ApiTags('integrations')
@Controller('v1/integrations')
export class SubmitReleaseController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Command()
  @HttpCode(200)
  @AllowRoles('partner', 'service', 'operator', 'admin')
  @ApiOperation({ summary: 'Opens a release, or amends it, from files that were uploaded before.' })
  @Answers(intakeHttp.IntegrationCommitted)
  submit(
    @Body({ schema: intakeHttp.SubmitRelease }) body: SubmitBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    return this.commands.execute(new OpenRelease(caller, body));
  }
}
