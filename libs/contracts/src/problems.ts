/** One row of the catalogue: what a code means to whoever meets it over HTTP. */
export interface Problem {
  readonly title: string;
  /** HTTP status (RFC 9110) that the code is answered with. */
  readonly status: number;
  /** Where docs/reference/problems.md explains it. */
  readonly docs: string;
}

/** Every code that an answer can carry, except those of the domain: these are `domain-rejection` with the rule's own code beside it. */
export type ProblemCode =
  | 'malformed-request'
  | 'header-missing'
  | 'header-invalid'
  | 'cursor-invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'host-refused'
  | 'origin-refused'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'domain-rejection'
  | 'version-conflict'
  | 'precondition-failed'
  | 'request-timeout'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'validation-failed'
  | 'idempotency-key-reused'
  | 'command-reused'
  | 'payload-refused'
  | 'digest-mismatch'
  | 'rate-limited'
  | 'headers-too-large'
  | 'internal-error'
  | 'service-broke-off'
  | 'not-caught-up'
  | 'unavailable';

const row = (code: ProblemCode, status: number, title: string): Problem => ({
  title,
  status,
  docs: `docs/reference/problems.md#${code}`,
});

/** The catalogue (RFC 9457). docs/reference/problems.md is generated from it. A code without a row does not compile. */
export const PROBLEMS: Readonly<Record<ProblemCode, Problem>> = {
  'malformed-request': row('malformed-request', 400, 'The request can’t be parsed'),
  'header-missing': row('header-missing', 400, 'A required header is missing'),
  'header-invalid': row('header-invalid', 400, 'A header has a form that can’t be read'),
  'cursor-invalid': row('cursor-invalid', 400, 'The page cursor was not made here'),
  unauthenticated: row('unauthenticated', 401, 'Who is calling is not proven'),
  forbidden: row('forbidden', 403, 'The caller may not do this'),
  'host-refused': row('host-refused', 403, 'The Host header names no listener of ours'),
  'origin-refused': row('origin-refused', 403, 'The Origin header is not allowed'),
  'not-found': row('not-found', 404, 'There is nothing here that the caller may see'),
  'method-not-allowed': row('method-not-allowed', 405, 'The resource has no such method'),
  'not-acceptable': row('not-acceptable', 406, 'No representation fits the Accept header'),
  'domain-rejection': row('domain-rejection', 409, 'The rules of the playbook refuse this'),
  'version-conflict': row('version-conflict', 409, 'Somebody else changed it meanwhile'),
  'precondition-failed': row('precondition-failed', 412, 'The version in If-Match is stale'),
  'request-timeout': row('request-timeout', 408, 'The request took too long to arrive'),
  'payload-too-large': row('payload-too-large', 413, 'The body is larger than is taken here'),
  'unsupported-media-type': row('unsupported-media-type', 415, 'The media type is not taken here'),
  'validation-failed': row('validation-failed', 422, 'The request was read, and something in it is wrong'),
  'idempotency-key-reused': row(
    'idempotency-key-reused',
    422,
    'The Idempotency-Key was used with another body',
  ),
  'command-reused': row('command-reused', 422, 'The command id was used with other content'),
  'payload-refused': row('payload-refused', 422, 'The content can’t be kept in the log'),
  'digest-mismatch': row('digest-mismatch', 422, 'The bytes don’t have the digest that was named'),
  'rate-limited': row('rate-limited', 429, 'Too many requests'),
  'headers-too-large': row('headers-too-large', 431, 'Address and headers are too long'),
  'internal-error': row('internal-error', 500, 'A fault of ours'),
  'service-broke-off': row('service-broke-off', 502, 'A service ended its answer, or gave none'),
  'not-caught-up': row('not-caught-up', 503, 'The read model has not reached that version yet'),
  unavailable: row('unavailable', 503, 'Something that is needed can’t be reached'),
};

/** The stable URI of a problem: `type` of the answer. */
export const problemType = (code: ProblemCode): string => `urn:kwanus:problem:${code}`;

/** @returns true when the text is a code of the catalogue */
export const isProblemCode = (text: string): text is ProblemCode => Object.hasOwn(PROBLEMS, text);
