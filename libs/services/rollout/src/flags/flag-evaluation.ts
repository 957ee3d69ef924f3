import { rolloutHttp } from '@kwanus/contracts';
import { evaluateFlag, type FlagContext } from '@kwanus/domain-rollout';
import type { z } from 'zod';
import type { KnownFlag } from './flags.query.js';
import { OfrepFailure } from './ofrep-failure.js';

/** An evaluated flag as OFREP carries it. */
export type FlagEvaluation = z.infer<typeof rolloutHttp.FlagEvaluation>;

/**
 * @param body as it came
 * @param key the flag that is asked for; absent in bulk
 * @returns for whom to evaluate
 * @throws OfrepFailure TARGETING_KEY_MISSING, INVALID_CONTEXT, PARSE_ERROR
 */
export function flagContext(body: unknown, key?: string): FlagContext {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new OfrepFailure('PARSE_ERROR', 'The body must be a JSON object with a `context`.', key);
  const context: unknown = 'context' in body ? body.context : undefined;
  if (context === undefined || isWithoutKey(context))
    throw new OfrepFailure(
      'TARGETING_KEY_MISSING',
      'context.targetingKey is missing: send the id of the workspace; it is never drawn by lot.',
      key,
    );
  const read = rolloutHttp.FlagEvaluationContext.safeParse(context);
  if (!read.success)
    throw new OfrepFailure(
      'INVALID_CONTEXT',
      read.error.issues.map(({ path, message }) => `/context/${path.join('/')}: ${message}`).join('; '),
      key,
    );
  const { targetingKey, partner } = read.data;
  return partner === undefined ? { targetingKey } : { targetingKey, partner };
}

const isWithoutKey = (context: unknown): boolean =>
  typeof context === 'object' &&
  context !== null &&
  !Array.isArray(context) &&
  (!('targetingKey' in context) || context.targetingKey === '' || context.targetingKey === null);

/** @returns the flag for that workspace: always a value, a reason, and where both come from */
export function flagEvaluation({ flag, eventPosition }: KnownFlag, context: FlagContext): FlagEvaluation {
  const { value, reason, variant } = evaluateFlag(flag, context);
  const { current } = flag;
  const release = value.release === null ? {} : { release: value.release };
  return {
    key: flag.integrationId,
    value,
    reason,
    variant,
    metadata: {
      ...release,
      ...(current === null
        ? {}
        : {
            rolloutId: current.rolloutId,
            step: current.step,
            percent: current.exposing ? current.percent : 0,
            policyVersion: current.playbookVersion,
          }),
      eventPosition,
    },
  };
}
