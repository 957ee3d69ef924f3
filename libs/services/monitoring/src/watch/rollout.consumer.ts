import { rolloutMessages, TOPICS } from '@kwanus/contracts';
import type { WatchEvent } from '@kwanus/domain-monitoring';
import type { ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import type { z } from 'zod';
import type { WatchList } from './watch-list.js';

const { StepStarted, RolledBack, Completed } = rolloutMessages;

/** Rollout's facts that monitoring needs: since when somebody meets a release, and until when it is to be judged. */
export const rolloutConsumer = (watchList: WatchList): ConsumerDefinition => {
  const on =
    <Data>(schema: z.ZodType<Data>, toFact: (data: Data) => WatchEvent) =>
    (message: IntegrationMessage, { commandId }: { readonly commandId: string }): Promise<void> =>
      watchList.record(toFact(schema.parse(message.data)), message, commandId);
  return {
    name: 'monitoring.rollout',
    topic: TOPICS.rollout.name,
    source: TOPICS.rollout.owner,
    handlers: {
      'kwanus.rollout.step-started.v1': on(StepStarted, ({ integrationId, release, rolloutId, at }) => ({
        type: 'ExposureStarted',
        integrationId,
        release,
        rolloutId,
        at,
      })),
      'kwanus.rollout.rolled-back.v1': on(RolledBack, (data) => ended(data, 'rolled-back')),
      'kwanus.rollout.completed.v1': on(Completed, (data) => ended(data, 'completed')),
    },
  };
};

const ended = (
  { integrationId, release, rolloutId }: { integrationId: string; release: string; rolloutId: string },
  outcome: 'rolled-back' | 'completed',
): WatchEvent => ({ type: 'ExposureEnded', integrationId, release, rolloutId, outcome });
