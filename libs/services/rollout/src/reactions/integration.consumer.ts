import { integrationMessages, TOPICS } from '@kwanus/contracts';
import type { LifecycleKind, RolloutCommand, RolloutRequest } from '@kwanus/domain-rollout';
import type { ConsumeContext, ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import type { z } from 'zod';
import { earlier, type RolloutDesk, type RolloutOf } from '../rollout-desk.js';

const messages = integrationMessages;
type Handler = (message: IntegrationMessage, context: ConsumeContext) => Promise<void>;

interface When {
  readonly message: IntegrationMessage;
  readonly at: string;
}
type Handlers = ConsumerDefinition['handlers'];

const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;

/** A fact about one rollout, taken to it as a command. */
const teller =
  (desk: RolloutDesk) =>
  <Data extends RolloutOf>(
    schema: z.ZodType<Data>,
    toCommand: (data: Data, when: When) => RolloutCommand | null,
  ): Handler =>
  async (message, { metadata }) => {
    const data = schema.parse(message.data);
    const command = toCommand(data, { message, at: desk.now() });
    if (command !== null) await desk.tell(data, command, metadata);
  };

interface OfBody {
  readonly step: string;
  readonly body: string;
  readonly reason: string;
}

/** One vote of several that the body's quorum asks for approves nothing yet. */
const approved = (
  { step, body, reason, stillNeeded = 0 }: OfBody & { readonly stillNeeded?: number | undefined },
  { at }: When,
): RolloutCommand | null => (stillNeeded > 0 ? null : { type: 'RecordApproval', step, body, reason, at });

const waived = (
  { step, body, reason, until }: OfBody & { readonly until?: string | undefined },
  { at }: When,
): RolloutCommand => ({
  type: 'WaiveHold',
  step,
  body,
  reason,
  at,
  ...(until === undefined ? {} : { until }),
});

const byPerson =
  (type: 'Pause' | 'Resume') =>
  ({ reason }: { readonly reason: string }, { at }: When): RolloutCommand => ({ type, reason, at });

function onRollouts(desk: RolloutDesk): Handlers {
  const tell = teller(desk);
  return {
    [ofType('rollout-step-approved')]: tell(messages.RolloutStepApproved, approved),
    [ofType('rollout-step-rejected')]: tell(
      messages.RolloutStepRejected,
      ({ step, body, reason }, { at }) => ({
        type: 'RejectStep',
        step,
        body,
        reason,
        at,
      }),
    ),
    [ofType('rollout-hold-waived')]: tell(messages.RolloutHoldWaived, waived),
    [ofType('rollout-pause-requested')]: tell(messages.RolloutPauseRequested, byPerson('Pause')),
    [ofType('rollout-resume-requested')]: tell(messages.RolloutResumeRequested, byPerson('Resume')),
    [ofType('rollout-rollback-requested')]: tell(
      messages.RolloutRollbackRequested,
      ({ reason, code }, { message, at }) => ({
        type: 'RollBack',
        code: code ?? 'requested',
        reason,
        triggeredAt: earlier(message.time, at),
        at,
      }),
    ),
  };
}

function onLifecycle(desk: RolloutDesk): Handlers {
  const note = (
    kind: LifecycleKind,
    schema: z.ZodType<{ integrationId: string; release?: string; reason?: string }>,
  ): Handlers => ({
    [ofType(kind)]: (message, { metadata }) => {
      const { integrationId, release = null, reason = kind } = schema.parse(message.data);
      return desk.note({ integrationId, release, kind, reason }, message.time, metadata);
    },
  });
  return {
    ...note('release-withdrawn', messages.ReleaseWithdrawn),
    ...note('release-signed-off', messages.ReleaseSignedOff),
    ...note('release-deprecated', messages.ReleaseDeprecated),
    ...note('integration-suspended', messages.IntegrationSuspended),
    ...note('integration-reinstated', messages.IntegrationReinstated),
    ...note('integration-deprecated', messages.IntegrationDeprecated),
    ...note('integration-retired', messages.IntegrationRetired),
  };
}

/** Intake's facts that rollouts move by: requests, approvals of steps, people's wishes, what ends a release. */
export const integrationConsumer = (desk: RolloutDesk): ConsumerDefinition => ({
  name: 'rollout.integration',
  topic: TOPICS.integration.name,
  source: TOPICS.integration.owner,
  handlers: {
    [ofType('rollout-requested')]: (message, { metadata }) =>
      desk.open(requestOf(messages.RolloutRequested.parse(message.data)), metadata),
    ...onRollouts(desk),
    ...onLifecycle(desk),
  },
});

function requestOf(data: z.infer<typeof messages.RolloutRequested>): RolloutRequest {
  const { watched: _, requestedAt: __, typeWaiver = null, ...request } = data;
  return { ...request, typeWaiver } as RolloutRequest;
}
