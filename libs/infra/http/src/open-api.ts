import { PROBLEMS } from '@kwanus/contracts';
import { applyDecorators, type INestApplication } from '@nestjs/common';
import {
  ApiDefaultResponse,
  ApiResponse,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { z } from 'zod';

/** The body of every problem. */
export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [string, ...string[]]),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })),
    rejection: z
      .string()
      .optional()
      .meta({ description: 'The rule that refused; only with `domain-rejection`.' }),
    missing: z
      .array(z.object({ what: z.string(), who: z.string(), requirement: z.string() }))
      .optional()
      .meta({ description: 'What has to be supplied first, and by whom; only with `domain-rejection`.' }),
    traceId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

/** Says in the OpenAPI document what a route answers with. */
export const Answers = (
  schema: z.ZodType,
  status: 200 | 201 | 202 = 200,
  description = '',
): MethodDecorator =>
  applyDecorators(
    ApiResponse({ status, description, standardSchema: schema }),
    ApiDefaultResponse({ description: 'A problem (RFC 9457).', standardSchema: ProblemBody }),
  );

/** Says that a route answers with bytes of a media type, or, without one, with headers alone. */
export const AnswersBytes = (mediaType?: string): MethodDecorator =>
  applyDecorators(
    ApiResponse({
      status: 200,
      description: '',
      ...(mediaType === undefined
        ? {}
        : { content: { [mediaType]: { schema: { type: 'string', format: 'binary' } } } }),
    }),
    ApiDefaultResponse({ description: 'A problem (RFC 9457).', standardSchema: ProblemBody }),
  );

/** @returns the OpenAPI 3.1 document of the application's controllers */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('KWANUS partner integration')
    .setDescription('Conventions: docs/reference/http.md. Problems: docs/reference/problems.md.')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  return withProblems(SwaggerModule.createDocument(app, description, { autoTagControllers: false }));
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** A problem has a media type of its own (RFC 9457), which decorators that name a schema can't say. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path as Record<string, Operation>)) {
      const problem = operation.responses['default'];
      if (problem === undefined || !('content' in problem)) continue;
      const { 'application/json': json } = problem.content ?? {};
      if (json !== undefined) problem.content = { 'application/problem+json': json };
    }
  return document;
}
