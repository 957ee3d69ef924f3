import { type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { canonicalJson, sha256Hex } from '@kwanus/canonical';
import { rolloutHttp } from '@kwanus/contracts';
import { NotACommand, ProblemBody } from '@kwanus/http';
import {
  Body,
  Controller,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Res,
  UseFilters,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiDefaultResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { type FlagEvaluation, flagContext, flagEvaluation } from './flag-evaluation.js';
import { FlagsQuery } from './flags.query.js';
import { OfrepFilter } from './ofrep.filter.js';
import { OfrepFailure } from './ofrep-failure.js';

/** Told to OpenAPI only: what it says of a wrong body is OFREP's own. */
const EVALUATION_REQUEST = { schema: z.toJSONSchema(rolloutHttp.FlagEvaluationRequest) } as ApiBodyOptions;
type ApiBodyOptions = Parameters<typeof ApiBody>[0];
type Bulk = z.infer<typeof rolloutHttp.BulkFlagEvaluation>;

/** OpenFeature Remote Evaluation Protocol 0.3.0: the key is the integration, the targeting key the workspace. */
@ApiTags('flags')
@Controller('ofrep/v1/evaluate/flags')
@UseFilters(OfrepFilter)
export class OfrepController {
  constructor(private readonly flags: FlagsQuery) {}

  @Post()
  @NotACommand('a question of OFREP')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Every flag that the caller may see, for one workspace; 304 when nothing changed.',
  })
  @ApiBody(EVALUATION_REQUEST)
  @ApiOkResponse({ standardSchema: rolloutHttp.BulkFlagEvaluation })
  @ApiDefaultResponse({
    description: 'Who may not ask is answered as everywhere.',
    standardSchema: ProblemBody,
  })
  @ApiBadRequestResponse({ standardSchema: rolloutHttp.FlagEvaluationFailure })
  async all(
    @Body() body: unknown,
    @Headers('if-none-match') seen: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Bulk | undefined> {
    const context = flagContext(body);
    const flags = await this.flags.all(caller.partner);
    const positions = flags.map(({ flag, eventPosition }) => `${flag.integrationId} ${eventPosition}`);
    const etag = `"${sha256Hex(canonicalJson([positions, { ...context }]))}"`;
    response.setHeader('ETag', etag);
    if (matches(seen, etag)) {
      response.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return { flags: flags.map((flag) => flagEvaluation(flag, context)) };
  }

  @Post(':key')
  @NotACommand('a question of OFREP')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Which release of an integration is on for a workspace.' })
  @ApiBody(EVALUATION_REQUEST)
  @ApiOkResponse({ standardSchema: rolloutHttp.FlagEvaluation })
  @ApiDefaultResponse({
    description: 'Who may not ask is answered as everywhere.',
    standardSchema: ProblemBody,
  })
  @ApiBadRequestResponse({ standardSchema: rolloutHttp.FlagEvaluationFailure })
  @ApiNotFoundResponse({ standardSchema: rolloutHttp.FlagEvaluationFailure })
  async one(
    @Param('key') key: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<FlagEvaluation> {
    const context = flagContext(body, key);
    const found = maySee(caller, key) ? await this.flags.find(key) : null;
    if (found === null)
      throw new OfrepFailure('FLAG_NOT_FOUND', 'There is no integration of this id that you may see.', key);
    return flagEvaluation(found, context);
  }
}

const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === etag || tag === '*');
