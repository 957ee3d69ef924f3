import { kebab, MESSAGE_TYPES, TOPICS } from '@kwanus/contracts';
import type { Publisher } from '@kwanus/messaging';

/** Verdicts, alerts raised and resolved, violations go out as they stand; everything else stays inside. */
export const monitoringPublisher: Publisher = ({ type, data }) => {
  const message = MESSAGE_TYPES[`kwanus.monitoring.${kebab(type)}.v1`];
  return message === undefined ? null : { topic: TOPICS.monitoring.name, type: message.type, data };
};
