import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, intakeHttp } from '@kwanus/contracts';
import { RecordEvidence, RecordStewardship, RequestValidation } from '@kwanus/domain-integration';
import { type Answer, Answers, Command, commandMetadata } from '@kwanus/http';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DecideOnIntegration } from '../commands/decide-on-integration.handler.js';
import { type Committed, giverOf, requestIdOf } from '../integration-desk.js';

const Task = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/);
type EvidenceBody = z.infer<typeof intakeHttp.RecordEvidence>;

/** What is done for a release: evidence for tasks, runs of the validations, annual tasks. */
@ApiTags('evidence')
@Controller('v1/integrations/:id')
export class EvidenceController {
  constructor(private readonly commands: CommandBus) {}

  @Post('preparation/:task')
  @Command()
  @HttpCode(200)
  @AllowRoles('partner', 'service', 'operator', 'admin')
  @ApiOperation({ summary: 'Evidence for a task of step 2; validation checks it.' })
  @Answers(intakeHttp.IntegrationCommitted)
  preparation(
    @Param('id', { schema: IntegrationId }) id: string,
    @Param('task', { schema: Task }) task: string,
    @Body({ schema: intakeHttp.RecordEvidence }) body: EvidenceBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    return this.evidence(caller, { id, phase: 'preparation', task }, body);
  }

  @Post('implementation/:task')
  @Command()
  @HttpCode(200)
  @AllowRoles('partner', 'service', 'operator', 'admin')
  @ApiOperation({ summary: 'Artefacts of a task of step 3.' })
  @Answers(intakeHttp.IntegrationCommitted)
  implementation(
    @Param('id', { schema: IntegrationId }) id: string,
    @Param('task', { schema: Task }) task: string,
    @Body({ schema: intakeHttp.RecordEvidence }) body: EvidenceBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    return this.evidence(caller, { id, phase: 'implementation', task }, body);
  }

  @Post('validations')
  @Command()
  @HttpCode(200)
  @AllowRoles('partner', 'service', 'reviewer', 'operator', 'admin')
  @ApiOperation({ summary: 'Asks for another run of the validations of step 4.' })
  @Answers(intakeHttp.IntegrationCommitted)
  validate(
    @Param('id', { schema: IntegrationId }) integrationId: string,
    @Body({ schema: intakeHttp.RequestValidation }) { release }: z.infer<typeof intakeHttp.RequestValidation>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const command = new RequestValidation({ ...given(caller, integrationId), release });
    return this.commands.execute(new DecideOnIntegration(caller, { integrationId, release, command }));
  }

  @Post('stewardship')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({ summary: 'An annual task was done, or failed: said by a member of the body that owns it.' })
  @Answers(intakeHttp.IntegrationCommitted)
  steward(
    @Param('id', { schema: IntegrationId }) integrationId: string,
    @Body({ schema: intakeHttp.RecordStewardship }) body: z.infer<typeof intakeHttp.RecordStewardship>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const { task, evidence, ...done } = body;
    const command = new RecordStewardship(given(caller, integrationId), task, { ...done, evidence });
    return this.commands.execute(
      new DecideOnIntegration(caller, { integrationId, release: null, command, evidence }),
    );
  }

  private evidence(
    caller: Caller,
    {
      id,
      phase,
      task,
    }: { readonly id: string; readonly phase: 'preparation' | 'implementation'; readonly task: string },
    { release, evidence, note }: EvidenceBody,
  ): Promise<Answer<Committed>> {
    const command = new RecordEvidence({ ...given(caller, id), release }, phase, task, {
      evidence,
      note: note ?? null,
    });
    return this.commands.execute(
      new DecideOnIntegration(caller, { integrationId: id, release, command, evidence }),
    );
  }
}

const given = (caller: Caller, integrationId: string) => ({
  ...giverOf(caller),
  integrationId,
  requestId: requestIdOf(commandMetadata()),
});
