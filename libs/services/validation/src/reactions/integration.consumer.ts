import { integrationMessages, TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import type { ConsumerDefinition } from '@kwanus/messaging';
import type { PlatformFacts } from '../platform.js';
import { type MatrixStreams, matrixStream, type RunStreams, runStream } from '../validation-streams.js';

/** The step at which a release is signed off: its row of the matrix is written when it begins. */
const REVIEW_STEP = 7;
const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;

/** Intake asks for runs, says when a release comes to its review, and when an integration is retired. */
export const integrationConsumer = (
  runs: RunStreams,
  matrix: MatrixStreams,
  platform: PlatformFacts,
): ConsumerDefinition => ({
  name: 'validation.integration',
  topic: TOPICS.integration.name,
  source: TOPICS.integration.owner,
  handlers: {
    [ofType('validation-requested')]: async ({ data }, { metadata }) => {
      const { submission, bases, ...request } = integrationMessages.ValidationRequested.parse(data);
      const runId = request.requestId;
      await runs.handle({
        streamId: runStream(runId),
        routingKey: request.integrationId,
        command: {
          type: 'RequestRun',
          request: {
            ...request,
            runId,
            submission: submission as unknown as JsonObject & typeof submission,
            bases: bases as never,
          } as never,
        },
        context: undefined,
        metadata,
      });
    },
    [ofType('step-entered')]: async ({ data }, { metadata }) => {
      const { integrationId, release, step } = integrationMessages.StepEntered.parse(data);
      if (step !== REVIEW_STEP) return;
      await matrix.handle({
        streamId: matrixStream(integrationId),
        routingKey: integrationId,
        command: {
          type: 'UpdateMatrix',
          integrationId,
          release,
          environment: platform.environment,
          platformVersions: platform.versions,
        },
        context: undefined,
        metadata,
      });
    },
    [ofType('integration-retired')]: async ({ data }, { metadata }) => {
      const { integrationId, reason } = integrationMessages.IntegrationRetired.parse(data);
      await matrix.handle({
        streamId: matrixStream(integrationId),
        routingKey: integrationId,
        command: { type: 'RetireRows', integrationId, reason },
        context: undefined,
        metadata,
      });
    },
  },
});
