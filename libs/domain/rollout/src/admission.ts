import { isLaxer, type RolloutPlan } from './plan.js';
import type { RolloutRequest } from './rollout.events.js';

/** Why something is refused. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/**
 * What stands between a request and its plan: a fallback is a precondition, and the type may be stricter than the risk asks for,
 * never laxer without a waiver by the body that the playbook names.
 * @returns null when nothing does
 */
export function refusalOf(
  request: RolloutRequest,
  plan: Pick<RolloutPlan, 'computed' | 'type'>,
  laxerBy: string,
): Refusal | null {
  if (request.fallback.length === 0)
    return {
      code: 'fallback-missing',
      reason:
        'The release declares no fallback; declare one in the manifest (fallback) and have it validated.',
    };
  if (isLaxer(plan.type, plan.computed) && request.typeWaiver?.body !== laxerBy)
    return {
      code: 'type-too-lax',
      reason: `The risk asks for a ${plan.computed} rollout; a ${plan.type} one needs a waiver by ${laxerBy}.`,
    };
  return null;
}
