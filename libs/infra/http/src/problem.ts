import type { ProblemCode } from '@kwanus/contracts';

/** One thing that is wrong, and where: an RFC 6901 pointer into the body, or `query:name`, `header:Name`, `path:name`. */
export interface ProblemDetailError {
  readonly pointer: string;
  readonly message: string;
}

/** What an answer says beside code and detail. */
export interface ProblemOptions extends ErrorOptions {
  readonly errors?: readonly ProblemDetailError[];
  /** Seconds; becomes the header Retry-After. */
  readonly retryAfter?: number;
}

/** An answer of the catalogue: a controller throws it and the filter writes it. `detail` is for the caller's eyes. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly errors: readonly ProblemDetailError[];
  readonly retryAfter: number | undefined;

  constructor(
    readonly problem: ProblemCode,
    detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, options);
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/**
 * Nothing here that the caller may see: what is missing, and what belongs to another partner, alike. The answer is the same, byte
 * for byte, whatever the reason was.
 */
export const notFound = (): HttpProblem =>
  new HttpProblem('not-found', 'There is nothing at this address that you may see.');
