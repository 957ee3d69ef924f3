import { isProblemCode, PROBLEMS, type ProblemCode, problemType } from '@kwanus/contracts';
import { isDomainRejection } from '@kwanus/kernel';
import { traceId } from '@kwanus/telemetry';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  type LoggerService,
} from '@nestjs/common';
import type { Response } from 'express';
import type { ProblemDetailError } from './problem.js';
import { type HttpRequest, pathOf } from './request.js';

/** What an error comes to, before it is written. */
interface Described {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly ProblemDetailError[];
  readonly retryAfter?: number | undefined;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Writes every error as an RFC 9457 problem of the catalogue. What is a bug is logged whole and answered without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: LoggerService) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const request = http.getRequest<HttpRequest>();
    const described = describe(error);
    this.#log(error, described, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    write(response, request, described);
  }

  #log(error: unknown, { code }: Described, request: HttpRequest): void {
    const { status } = PROBLEMS[code];
    const line = { code, method: request.method, path: pathOf(request), err: error };
    if (status >= 500 && status !== 503) this.logger.error(line, 'http');
    else if (status === 401 || status === 503)
      this.logger.warn({ ...line, err: undefined, why: reasonOf(error) }, 'http');
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Writes a problem as the answer. */
export function write(response: Response, request: HttpRequest, described: Described): void {
  const { code, detail, errors, retryAfter, extensions } = described;
  const { title, status } = PROBLEMS[code];
  const trace = status >= 500 ? traceId() : undefined;
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response.removeHeader('ETag');
  response.status(status).setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.end(
    JSON.stringify({
      type: problemType(code),
      title,
      status,
      detail,
      instance: pathOf(request).slice(0, 500),
      code,
      ...extensions,
      errors: errors ?? [],
      ...(trace === undefined ? {} : { traceId: trace }),
    }),
  );
}

/** @returns what is said about an error */
export function describe(error: unknown): Described {
  if (isDomainRejection(error))
    return {
      code: 'domain-rejection',
      detail: error.message,
      extensions: { rejection: error.code, missing: error.missing },
    };
  return typed(error) ?? named(error) ?? fromParser(error) ?? fromNest(error) ?? fromDatabase(error) ?? BUG;
}

const BUG: Described = {
  code: 'internal-error',
  detail: 'Something went wrong on our side; it has been logged.',
};
const UNREACHABLE = 'Something that is needed can’t be reached at present. Try again.';

/** Errors that say themselves what they are: a `problem` of the catalogue. */
function typed(error: unknown): Described | undefined {
  if (!(error instanceof Error) || !('problem' in error)) return undefined;
  const { problem, errors, retryAfter } = error as Error & {
    problem: unknown;
    errors?: readonly ProblemDetailError[];
    retryAfter?: number;
  };
  if (typeof problem !== 'string' || !isProblemCode(problem)) return undefined;
  return described(problem, error.message, errors, retryAfter);
}

const SAID_TO_ALL: Partial<Record<ProblemCode, string>> = {
  unauthenticated:
    'This call needs a bearer token that holds, as `Authorization: Bearer …`: signed by an issuer that is trusted here, for this audience, and not run out. Get a fresh one from your issuer; in development `kwanus login --as NAME` does.',
  'internal-error': BUG.detail,
  unavailable: UNREACHABLE,
};

function described(
  code: ProblemCode,
  message: string,
  errors: readonly ProblemDetailError[] = [],
  retryAfter = PROBLEMS[code].status === 503 ? 1 : undefined,
): Described {
  return { code, detail: SAID_TO_ALL[code] ?? message, errors, retryAfter };
}

const NAMED: Readonly<Record<string, ProblemCode>> = {
  VersionConflict: 'version-conflict',
  CommandReused: 'command-reused',
  PayloadRefused: 'payload-refused',
  NotFound: 'not-found',
  Unavailable: 'unavailable',
};

/** Errors of the log, which knows nothing of HTTP. */
function named(error: unknown): Described | undefined {
  const code = error instanceof Error ? NAMED[error.name] : undefined;
  return code === undefined ? undefined : described(code, (error as Error).message);
}

const PARSER: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  'entity.parse.failed': ['malformed-request', 'The body is not JSON.'],
  'request.aborted': ['malformed-request', 'The request ended before its body did.'],
  'request.size.invalid': ['malformed-request', 'The body has another size than Content-Length says.'],
  'encoding.unsupported': ['unsupported-media-type', 'The Content-Encoding is not taken here.'],
  'charset.unsupported': ['unsupported-media-type', 'The body must be UTF-8.'],
};

/** What zlib says of bytes that don't inflate; the parser hands it on as it is. */
const NOT_INFLATED = /^(Z_(DATA|BUF|NEED_DICT)|ERR__ERROR_FORMAT)/;

function fromParser(error: unknown): Described | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && NOT_INFLATED.test(String(error.code)))
    return described('malformed-request', 'The body is not what its Content-Encoding says.');
  if (!('type' in error)) return undefined;
  if (error.type === 'entity.too.large' && 'limit' in error)
    return described(
      'payload-too-large',
      `The body is larger than ${String(error.limit)} bytes: send less at once.`,
    );
  const row = PARSER[String(error.type)];
  return row === undefined ? undefined : described(...row);
}

const BY_STATUS: Readonly<Record<number, readonly [ProblemCode, string]>> = {
  400: ['malformed-request', 'The request can’t be parsed.'],
  404: ['not-found', 'There is nothing at this address that you may see.'],
  405: ['method-not-allowed', 'The resource has no such method.'],
  406: ['not-acceptable', 'No representation fits the Accept header.'],
  413: ['payload-too-large', 'The body is larger than is taken here.'],
  415: ['unsupported-media-type', 'The media type is not taken here.'],
  503: ['unavailable', UNREACHABLE],
};

function fromNest(error: unknown): Described | undefined {
  const row = error instanceof HttpException ? BY_STATUS[error.getStatus()] : undefined;
  return row === undefined ? undefined : described(...row);
}

const GONE =
  /^(08|53|57P|55P03|40001$|40P01$)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAGAIN)$|^connect ENOENT$/;
const LOST =
  /connection (terminated|ended)|timeout exceeded when trying to connect|client has encountered a connection error/i;

const REBUILD_RETRY_S = 5;
const MISSING_READ_MODEL = /^relation "[a-z_]+_read\./;

/** A file that is missing is no fault of the database's, a socket to connect to is. */
function codeOf({ code = '', syscall }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? `${syscall} ${code}` : code;
}

/** A database that is gone, full, or too busy, or a read model that is being made anew: no fault of the request's. */
function fromDatabase(error: unknown): Described | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  if (code === '42P01' && MISSING_READ_MODEL.test(error.message))
    return described('unavailable', '', [], REBUILD_RETRY_S);
  const refused =
    error instanceof AggregateError && error.errors.some((inner) => fromDatabase(inner) !== undefined);
  return GONE.test(code) || LOST.test(error.message) || refused ? described('unavailable', '') : undefined;
}
