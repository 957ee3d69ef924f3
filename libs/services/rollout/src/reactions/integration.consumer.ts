import { integrationMessages, TOPICS } from '@kwanus/contracts';
import type { LifecycleKind, RolloutCommand, RolloutRequest } from '@kwanus/domain-rollout';
import type { ConsumeContext, ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import type { z } from 'zod';
import type { RolloutDesk, RolloutOf } from '../rollout-desk.js';

const messages = integrationMessages;
type Handler = (message: IntegrationMessage, context: ConsumeContext) => Promise<void>;

/** Intake's facts that rollouts move by: requests, approvals of steps, people's wishes, what ends a release. */
export const integrationConsumer = (desk: RolloutDesk): ConsumerDefinition => {
  const tell =
    <Data extends RolloutOf>(
      schema: z.ZodType<Data>,
      toCommand: (data: Data, message: IntegrationMessage, at: string) => RolloutCommand,
    ): Handler =>
    (message, { metadata }) => {
      const data = schema.parse(message.data);
      return desk.tell(data, toCommand(data, message, desk.now()), metadata);
    };
  const note =
    (
      kind: LifecycleKind,
      schema: z.ZodType<{ integrationId: string; release?: string; reason?: string }>,
    ): Handler =>
    (message, { metadata }) => {
      const { integrationId, release = null, reason = kind } = schema.parse(message.data);
      return desk.note({ integrationId, release, kind, reason }, message.time, metadata);
    };
  const byBody =
    (type: 'RecordApproval' | 'RejectStep' | 'WaiveHold') =>
    ({ step, body, reason }: { step: string; body: string; reason: string }, _: unknown, at: string) => ({
      type,
      step,
      body,
      reason,
      at,
    });
  return {
    name: 'rollout.integration',
    topic: TOPICS.integration.name,
    source: TOPICS.integration.owner,
    handlers: {
      'kwanus.integration.rollout-requested.v1': (message, { metadata }) =>
        desk.open(requestOf(messages.RolloutRequested.parse(message.data)), metadata),
      'kwanus.integration.rollout-step-approved.v1': tell(
        messages.RolloutStepApproved,
        byBody('RecordApproval'),
      ),
      'kwanus.integration.rollout-step-rejected.v1': tell(messages.RolloutStepRejected, byBody('RejectStep')),
      'kwanus.integration.rollout-hold-waived.v1': tell(messages.RolloutHoldWaived, byBody('WaiveHold')),
      'kwanus.integration.rollout-pause-requested.v1': tell(
        messages.RolloutPauseRequested,
        ({ reason }, _, at) => ({
          type: 'Pause',
          reason,
          at,
        }),
      ),
      'kwanus.integration.rollout-resume-requested.v1': tell(
        messages.RolloutResumeRequested,
        ({ reason }, _, at) => ({
          type: 'Resume',
          reason,
          at,
        }),
      ),
      'kwanus.integration.rollout-rollback-requested.v1': tell(
        messages.RolloutRollbackRequested,
        ({ reason }, { time: triggeredAt }, at) => ({
          type: 'RollBack',
          code: 'requested',
          reason,
          triggeredAt,
          at,
        }),
      ),
      'kwanus.integration.release-withdrawn.v1': note('release-withdrawn', messages.ReleaseWithdrawn),
      'kwanus.integration.release-signed-off.v1': note('release-signed-off', messages.ReleaseSignedOff),
      'kwanus.integration.release-deprecated.v1': note('release-deprecated', messages.ReleaseDeprecated),
      'kwanus.integration.integration-suspended.v1': note(
        'integration-suspended',
        messages.IntegrationSuspended,
      ),
      'kwanus.integration.integration-reinstated.v1': note(
        'integration-reinstated',
        messages.IntegrationReinstated,
      ),
      'kwanus.integration.integration-deprecated.v1': note(
        'integration-deprecated',
        messages.IntegrationDeprecated,
      ),
      'kwanus.integration.integration-retired.v1': note('integration-retired', messages.IntegrationRetired),
    },
  };
};

function requestOf(data: z.infer<typeof messages.RolloutRequested>): RolloutRequest {
  const { watched: _, requestedAt: __, typeWaiver = null, ...request } = data;
  return { ...request, typeWaiver } as RolloutRequest;
}
