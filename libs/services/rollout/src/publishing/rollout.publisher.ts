import { TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import type { Publisher } from '@kwanus/messaging';

type Data = JsonObject;
type Form = readonly [name: string, toData: (data: Data) => Data];

const pick = (data: Data, ...keys: readonly string[]): Data =>
  Object.fromEntries(keys.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));

const OF = ['integrationId', 'release', 'rolloutId'];
const AT = [...OF, 'step', 'stepIndex', 'percent'];

const asIs =
  (...keys: readonly string[]) =>
  (data: Data): Data =>
    pick(data, ...keys);

const withEvidence =
  (keys: readonly string[], ...more: readonly string[]) =>
  (data: Data): Data => ({
    ...pick(data, ...keys),
    evidence: { ...(data['decision'] as Data), ...pick(data, ...more) },
  });

function planned(data: Data): Data {
  const plan = data['plan'] as Data;
  const steps = (plan['steps'] as readonly Data[]).map((step) =>
    pick(step, 'id', 'percent', 'allowList', 'minDwell', 'minRequests', 'approvals'),
  );
  return {
    ...pick(data, ...OF, 'previous', 'salt'),
    ...pick(plan, 'type'),
    policyDigest: plan['playbookDigest'] ?? null,
    steps,
  };
}

/** Stored events that leave the service, and the contract's form of each. */
const FORMS: Readonly<Record<string, Form>> = {
  RolloutPlanned: ['planned', planned],
  RolloutRefused: ['refused', asIs(...OF, 'code', 'reason')],
  ApprovalAwaited: ['approval-awaited', asIs(...AT, 'bodies')],
  StepStarted: ['step-started', asIs(...AT, 'at')],
  StepAdvanced: ['step-advanced', withEvidence(AT)],
  RolloutHeld: ['held', withEvidence([...AT, 'reason'], 'code')],
  HoldLeft: [
    'resumed',
    (data) => ({
      ...pick(data, ...AT),
      reason: `the hold was left by ${typeof data['by'] === 'string' ? data['by'] : 'nobody named'}`,
    }),
  ],
  BodiesAsked: ['bodies-asked', asIs(...AT, 'bodies', 'heldSince', 'reason')],
  RolloutPaused: ['paused', asIs(...AT, 'reason')],
  RolloutResumed: ['resumed', asIs(...AT, 'reason')],
  RollbackOverdue: ['rollback-overdue', asIs(...AT, 'declared', 'decidedAt')],
  RolledBack: [
    'rolled-back',
    (data) => ({
      ...withEvidence([...AT, 'to', 'automatic', 'reason', 'decidedAt'], 'tookMs', 'withinDeclared')(data),
      reasonCode: data['code'] ?? null,
    }),
  ],
  BakeStarted: ['bake-started', asIs(...OF, 'at', 'until')],
  RolloutCompleted: ['completed', withEvidence(OF)],
  RolloutSuperseded: ['superseded', asIs(...AT, 'by')],
  ReleaseRecorded: ['release-recorded', asIs('integrationId', 'release', 'record', 'at')],
};

/** What others get to know of rollouts; evidence, approvals and late facts stay in the log. */
export const rolloutPublisher: Publisher = ({ type, data }) => {
  const form = FORMS[type];
  if (form === undefined) return null;
  const [name, toData] = form;
  const { name: topic } = TOPICS.rollout;
  return { topic, type: `${topic}.${name}.v1`, data: toData(data) };
};
