import { PROBLEMS, type rolloutHttp } from '@kwanus/contracts';
import { HttpProblem, type HttpRequest } from '@kwanus/http';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { z } from 'zod';
import { type OfrepErrorCode, OfrepFailure } from './ofrep-failure.js';

type Failure = z.infer<typeof rolloutHttp.FlagEvaluationFailure>;

/** What is wrong with the request, in the words of OFREP instead of RFC 9457. Who may not ask at all is answered as everywhere. */
@Catch(OfrepFailure, HttpProblem, SyntaxError)
export class OfrepFilter implements ExceptionFilter {
  catch(error: HttpProblem | OfrepFailure | SyntaxError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { key } = http.getRequest<HttpRequest>().params;
    const { status, errorCode } = described(error);
    if (error instanceof HttpProblem && error.retryAfter !== undefined)
      response.setHeader('Retry-After', String(error.retryAfter));
    const failure: Failure = {
      ...(typeof key === 'string' ? { key } : {}),
      errorCode,
      errorDetails: error instanceof SyntaxError ? 'The body is not JSON.' : error.message,
    };
    response.status(status).json(failure);
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  'malformed-request',
  'payload-refused',
  'validation-failed',
]);
const BAD_REQUEST = PROBLEMS['malformed-request'].status;

function described(error: HttpProblem | OfrepFailure | SyntaxError): {
  readonly status: number;
  readonly errorCode: OfrepErrorCode;
} {
  if (error instanceof OfrepFailure) {
    const { errorCode } = error;
    return { errorCode, status: errorCode === 'FLAG_NOT_FOUND' ? PROBLEMS['not-found'].status : BAD_REQUEST };
  }
  if (error instanceof SyntaxError || UNREADABLE.has(error.problem))
    return { errorCode: 'PARSE_ERROR', status: BAD_REQUEST };
  return { errorCode: 'GENERAL', status: PROBLEMS[error.problem].status };
}
