import { ARTIFACT_LIMIT } from '@kwanus/artifacts';
import { type Caller, CurrentCaller } from '@kwanus/auth';
import { intakeHttp } from '@kwanus/contracts';
import { Answers, AnswersBytes, HttpProblem, NotACommand, notFound, RawBody } from '@kwanus/http';
import {
  Body,
  Controller,
  Get,
  Head,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Put,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ArtifactAccess } from './artifact-access.js';
import { isMediaType } from './media-type.js';

/** SHA-256, 64 hexadecimal digits; `sha256:` may stand before them. */
const DigestParameter = z
  .string()
  .regex(/^(?:sha256:)?[0-9a-f]{64}$/)
  .transform((digest) => digest.replace('sha256:', ''));

/** `/v1/artifacts/{digest}`: documents, contracts, bundles by what they are. */
@ApiTags('artifacts')
@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(private readonly artifacts: ArtifactAccess) {}

  /** Keeps the bytes under their digest; again is no error. */
  @Put(':digest')
  @RawBody({ limitBytes: ARTIFACT_LIMIT })
  @ApiOperation({ summary: 'Keeps bytes under their SHA-256; the same bytes again change nothing.' })
  @ApiConsumes('*/*')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Answers(intakeHttp.ArtifactView)
  async put(
    @CurrentCaller() caller: Caller,
    @Param('digest', { schema: DigestParameter }) digest: string,
    @Headers('content-type') contentType: string | undefined,
    @Body() bytes: unknown,
  ): Promise<z.infer<typeof intakeHttp.ArtifactView>> {
    const mediaType = contentType ?? 'application/octet-stream';
    if (!isMediaType(mediaType))
      throw new HttpProblem('header-invalid', 'Content-Type names no media type.', {
        errors: [{ pointer: 'header:Content-Type', message: 'has another form' }],
      });
    return this.artifacts.put(
      caller,
      { digest, mediaType },
      Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0),
    );
  }

  @Post('missing')
  @NotACommand('a question with a body')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Which of the digests are still to be uploaded: all files of a submission in one question.',
  })
  @Answers(intakeHttp.MissingArtifacts)
  async missing(
    @CurrentCaller() caller: Caller,
    @Body({ schema: intakeHttp.ArtifactQuestion }) { digests }: z.infer<typeof intakeHttp.ArtifactQuestion>,
  ): Promise<z.infer<typeof intakeHttp.MissingArtifacts>> {
    const known = await this.artifacts.known(caller, digests);
    return { missing: [...new Set(digests)].filter((digest) => !known.has(digest)) };
  }

  @Head(':digest')
  @ApiOperation({ summary: 'Whether the caller may read the bytes, their size and media type.' })
  @AnswersBytes()
  async head(
    @CurrentCaller() caller: Caller,
    @Param('digest', { schema: DigestParameter }) digest: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const known = (await this.artifacts.known(caller, [digest])).get(digest);
    if (known === undefined) throw notFound();
    response.setHeader('Content-Type', known.mediaType).setHeader('Content-Length', known.size);
  }

  /** The bytes as they are, never as a page: what partners upload is not rendered. */
  @Get(':digest')
  @ApiOperation({ summary: 'The bytes.' })
  @AnswersBytes('*/*')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('digest', { schema: DigestParameter }) digest: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const artifact = await this.artifacts.read(caller, digest);
    if (artifact === null) throw notFound();
    response.setHeader('X-Content-Type-Options', 'nosniff').setHeader('Content-Security-Policy', 'sandbox');
    response.setHeader('ETag', `"${artifact.digest}"`);
    return new StreamableFile(artifact.bytes, {
      type: artifact.mediaType,
      length: artifact.size,
      disposition: 'attachment',
    });
  }
}
