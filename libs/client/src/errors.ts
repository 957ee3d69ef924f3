import { isProblemCode, type ProblemCode } from '@kwanus/contracts';
import type { Missing } from '@kwanus/kernel';
import { z } from 'zod';

/** An answer of RFC 9457 as this platform writes it. */
export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().default(''),
  instance: z.string().optional(),
  code: z.string(),
  rejection: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).default([]),
  missing: z.array(z.object({ what: z.string(), who: z.string(), requirement: z.string() })).default([]),
  traceId: z.string().optional(),
});
export type ProblemDocument = z.infer<typeof ProblemDocument>;

/** The platform answered with a problem. `code` is the rule's own for refusals of the domain, else one of the catalogue. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(readonly problem: ProblemDocument) {
    super(problem.detail === '' ? problem.title : problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.rejection ?? this.problem.code;
  }

  /** What has to be supplied first, and by whom; empty unless the domain refused. */
  get missing(): readonly Missing[] {
    return this.problem.missing;
  }

  /** @returns true when the problem is that one of the catalogue, by its type */
  is(code: ProblemCode): boolean {
    return this.problem.type === `urn:kwanus:problem:${code}`;
  }
}

/** Nobody answered, or not in time, or with 503 to the last: whether a command was carried out is not known. Repeat it with the same key. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(
    readonly address: string,
    readonly attempts: number,
    options: ErrorOptions,
  ) {
    super(`${address} can't be reached (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}).`, options);
  }
}

/** Something answered that does not speak this API. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    readonly address: string,
    readonly status: number,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(
      `${address} answered with ${status} and something that is no answer of this API: ${detail}`,
      options,
    );
  }
}

/** The client was given something that it can't use. */
export class ClientMisused extends Error {
  override readonly name = 'ClientMisused';
}

/** @returns the problem in an answer's body, or null when it is none */
export function problemOf(body: unknown): ApiProblem | null {
  const parsed = ProblemDocument.safeParse(body);
  if (!parsed.success) return null;
  return new ApiProblem(parsed.data);
}

/** @returns the code of the catalogue that the problem's type names, or null */
export function catalogueCodeOf({ type }: ProblemDocument): ProblemCode | null {
  const code = type.replace(/^urn:kwanus:problem:/, '');
  return isProblemCode(code) ? code : null;
}
