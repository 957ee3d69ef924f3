import { commandMetadata } from '@kwanus/http';
import type { OperatorDecision } from '@kwanus/messaging';

/** What the operator whose command is carried out decides. */
export function decisionOf(reason: string): OperatorDecision {
  const { actor, commandId, correlationId } = commandMetadata();
  return { actor, commandId, correlationId, reason };
}
