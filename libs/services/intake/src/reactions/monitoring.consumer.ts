import { monitoringMessages, TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import type { ConsumerDefinition } from '@kwanus/messaging';
import type { IntegrationDesk } from '../integration-desk.js';
import { factsFor } from './facts.js';

const { AlertRaised, AlertResolved, PermissionViolated } = monitoringMessages;

/** Alerts and violations, recorded as facts of the integration. Verdicts of windows are rollout's to judge. */
export const monitoringConsumer = (desk: IntegrationDesk): ConsumerDefinition => {
  const on = factsFor(desk);
  return {
    name: 'intake.monitoring',
    topic: TOPICS.monitoring.name,
    source: TOPICS.monitoring.owner,
    handlers: {
      'kwanus.monitoring.alert-raised.v1': on(AlertRaised, ({ numbers, ...said }) => ({
        type: 'AlertRaised',
        data: { ...said, numbers: JSON.parse(JSON.stringify(numbers)) as JsonObject },
      })),
      'kwanus.monitoring.alert-resolved.v1': on(AlertResolved, (said) => ({
        type: 'AlertResolved',
        data: said,
      })),
      'kwanus.monitoring.permission-violated.v1': on(PermissionViolated, (said) => ({
        type: 'PermissionViolated',
        data: said,
      })),
    },
  };
};
