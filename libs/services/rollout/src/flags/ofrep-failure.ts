import type { rolloutHttp } from '@kwanus/contracts';
import type { z } from 'zod';

/** Error codes of OFREP that are used here. */
export type OfrepErrorCode = z.infer<typeof rolloutHttp.FlagEvaluationFailure>['errorCode'];

/** A flag can't be evaluated; the code says why. */
export class OfrepFailure extends Error {
  override readonly name = 'OfrepFailure';

  constructor(
    readonly errorCode: OfrepErrorCode,
    message: string,
    readonly key?: string,
  ) {
    super(message);
  }
}
