import { rolloutMessages, TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import type { ConsumerDefinition } from '@kwanus/messaging';
import type { IntegrationDesk } from '../integration-desk.js';
import { factsFor } from './facts.js';

const messages = rolloutMessages;

interface Said {
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly cause: string;
}
const ofRollout = ({ integrationId, release, rolloutId, cause }: Said): Said => ({
  integrationId,
  release,
  rolloutId,
  cause,
});

const json = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

/** Steps of a rollout, recorded as facts of the integration: each with its numbers. */
export const rolloutConsumer = (desk: IntegrationDesk): ConsumerDefinition => ({
  name: 'intake.rollout',
  topic: TOPICS.rollout.name,
  source: TOPICS.rollout.owner,
  handlers: { ...progress(desk), ...waits(desk), ...ends(desk) },
});

function progress(desk: IntegrationDesk): ConsumerDefinition['handlers'] {
  const on = factsFor(desk);
  return {
    'kwanus.rollout.planned.v1': on(messages.Planned, ({ type, steps, ...said }) => ({
      type: 'RolloutPlanned',
      data: {
        ...ofRollout(said),
        type,
        steps: steps.map(({ id, percent, approvals }) => ({ id, percent, approvals })),
      },
    })),
    'kwanus.rollout.release-recorded.v1': on(messages.ReleaseRecorded, (said) => ({
      type: 'ReleaseRecorded',
      data: said,
    })),
    'kwanus.rollout.approval-awaited.v1': on(
      messages.ApprovalAwaited,
      ({ step, percent, bodies, ...said }) => ({
        type: 'RolloutApprovalAwaited',
        data: { ...ofRollout(said), step, percent, bodies },
      }),
    ),
    'kwanus.rollout.step-started.v1': on(messages.StepStarted, ({ step, percent, ...said }) => ({
      type: 'RolloutStepStarted',
      data: { ...ofRollout(said), step, percent },
    })),
    'kwanus.rollout.step-advanced.v1': on(messages.StepAdvanced, ({ step, percent, evidence, ...said }) => ({
      type: 'RolloutStepAdvanced',
      data: { ...ofRollout(said), step, percent, evidence: json(evidence) },
    })),
    'kwanus.rollout.bake-started.v1': on(messages.BakeStarted, ({ until, ...said }) => ({
      type: 'BakeStarted',
      data: { ...ofRollout(said), until },
    })),
  };
}

function waits(desk: IntegrationDesk): ConsumerDefinition['handlers'] {
  const on = factsFor(desk);
  return {
    'kwanus.rollout.held.v1': on(messages.Held, ({ step, reason, evidence, ...said }) => ({
      type: 'RolloutHeld',
      data: { ...ofRollout(said), step, reason, evidence: json(evidence) },
    })),
    'kwanus.rollout.bodies-asked.v1': on(
      messages.BodiesAsked,
      ({ step, reason, bodies, heldSince, ...said }) => ({
        type: 'RolloutBodiesAsked',
        data: { ...ofRollout(said), step, reason, bodies, heldSince },
      }),
    ),
    'kwanus.rollout.paused.v1': on(messages.Paused, ({ step, reason, ...said }) => ({
      type: 'RolloutPaused',
      data: { ...ofRollout(said), step, reason },
    })),
    'kwanus.rollout.resumed.v1': on(messages.Resumed, ({ step, reason, ...said }) => ({
      type: 'RolloutResumed',
      data: { ...ofRollout(said), step, reason },
    })),
    'kwanus.rollout.rollback-overdue.v1': on(
      messages.RollbackOverdue,
      ({ step, declared, decidedAt, ...said }) => ({
        type: 'RollbackOverdue',
        data: { ...ofRollout(said), step, declared, decidedAt },
      }),
    ),
  };
}

function ends(desk: IntegrationDesk): ConsumerDefinition['handlers'] {
  const on = factsFor(desk);
  return {
    'kwanus.rollout.completed.v1': on(messages.Completed, ({ evidence, ...said }) => ({
      type: 'RolloutCompleted',
      data: { ...ofRollout(said), evidence: json(evidence) },
    })),
    'kwanus.rollout.rolled-back.v1': on(
      messages.RolledBack,
      ({ step, to, automatic, reasonCode, reason, evidence, ...said }) => ({
        type: 'RolledBack',
        data: { ...ofRollout(said), step, to, automatic, reasonCode, reason, evidence: json(evidence) },
      }),
    ),
    'kwanus.rollout.refused.v1': on(messages.Refused, ({ code, reason, ...said }) => ({
      type: 'RolloutRefused',
      data: { ...ofRollout(said), code, reason },
    })),
    'kwanus.rollout.superseded.v1': on(messages.Superseded, ({ step, by, ...said }) => ({
      type: 'RolloutSuperseded',
      data: { ...ofRollout(said), step, replacedBy: by, reason: `release ${by} took its place` },
    })),
  };
}
