import { type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { validationHttp } from '@kwanus/contracts';
import { Answers, NotACommand, notFound, pastQuery, sliceOf } from '@kwanus/http';
import { Body, Controller, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Decision, PermissionDecisions, type Question } from './permission-decisions.js';

const Past = z.strictObject(pastQuery);

/** Whether an integration may do something: asked by the services of the platform, and by a partner of its own. */
@ApiTags('permissions')
@Controller('v1/permissions/evaluate')
export class PermissionDecisionsController {
  constructor(private readonly decisions: PermissionDecisions) {}

  @Post()
  @NotACommand('a question with a body')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary:
      'Allow or deny, with the policies that decided and the version of the registry; also as of a moment, or by a version of the registry.',
  })
  @Answers(validationHttp.PermissionDecision)
  async evaluate(
    @Body({ schema: validationHttp.PermissionQuestion }) question: Question,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() caller: Caller,
  ): Promise<Decision> {
    sliceOf(past);
    const decision = maySee(caller, question.integrationId)
      ? await this.decisions.decide(question, past)
      : null;
    if (decision === null) throw notFound();
    return decision;
  }
}
