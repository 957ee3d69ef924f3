import { figures } from './figures.js';
import type { IntegrationEvent } from './integration.events.js';

type Sentences = {
  readonly [Type in IntegrationEvent['type']]: (
    data: Extract<IntegrationEvent, { type: Type }>['data'],
  ) => string;
};
const list = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));

const SENTENCES: Sentences = {
  IntegrationProposed: ({ subject, partner, playbook }) =>
    `${partner} proposes a new ${subject}, under playbook ${playbook}`,
  PlaybookAdopted: ({ from, playbook }) => `moves from playbook ${from} to ${playbook}`,
  ReleaseOpened: ({ release, files }) => `release ${release} is submitted (${files.length} files)`,
  ReleaseAmended: ({ release, changed }) =>
    `release ${release} is amended: ${list(changed.filter((key) => key !== 'everything'))}`,
  VoteRecorded: ({ release, decision, body, vote }) =>
    `${body} ${vote === 'approve' ? 'approves' : 'rejects'} ${decision} of ${release}`,
  VoteWithdrawn: ({ release, decision, body }) =>
    `a vote of ${body} on ${decision} of ${release} is withdrawn`,
  VotesVoided: ({ release, votes }) =>
    `votes on ${release} are void, what they covered changed: ${list(votes.map(({ decision, changed }) => `${decision} (${changed.join(', ')})`))}`,
  EvidenceRecorded: ({ release, task, evidence }) =>
    `evidence for ${task} of ${release}: ${list(evidence.map(({ path }) => path))}`,
  EvidenceVerified: ({ release, task }) => `the evidence for ${task} of ${release} was checked and holds`,
  EvidenceRefused: ({ release, task, findings }) =>
    `the evidence for ${task} of ${release} does not hold: ${list(findings)}`,
  StepPassed: ({ release, step }) => `release ${release} passes step ${step}`,
  StepEntered: ({ release, step }) => `release ${release} enters step ${step}`,
  ValidationRequested: ({ release, purpose, task }) =>
    `validation of ${release} is asked for (${task ?? purpose})`,
  ValidationCancelled: ({ release, task, reason }) =>
    `validation of ${release} is given up (${task ?? 'release'}): ${reason}`,
  ValidationPassed: ({ release, checks }) => `validation of ${release} passed: ${checks.length} checks`,
  ValidationFailed: ({ release, checks }) =>
    `validation of ${release} failed: ${list(checks.filter(({ outcome }) => outcome === 'failed').map(({ check, blocking }) => `${check} (${list(blocking.map(({ ruleId }) => ruleId))})`))}`,
  ValidationInconclusive: ({ release, checks }) =>
    `validation of ${release} is inconclusive: ${list(checks.filter(({ outcome }) => outcome !== 'passed').map(({ check, outcome }) => `${check} ${outcome}`))}`,
  GovernanceValidated: ({ release, membershipVersion }) =>
    `every approval, seat, quorum and waiver of ${release} was judged again (seats of version ${membershipVersion})`,
  RiskAssessed: ({ release, level, reasons, type }) =>
    `risk of ${release} is ${level} (${list(reasons)}): ${type} rollout`,
  StricterRolloutChosen: ({ release, type }) => `a ${type} rollout is chosen for ${release}`,
  WaiverGranted: ({ release, body, target, expiresAt }) =>
    `${body} waives ${targetText(target)} for ${release} until ${expiresAt}`,
  WaiverExpired: ({ release, waiverId, because }) =>
    `waiver ${waiverId} of ${release} ${because === undefined ? 'ran out' : 'ended: who granted it holds no seat of that body any more'}`,
  RolloutRequested: ({ release, type, rolloutId }) =>
    `${type} rollout of ${release} is asked for (${rolloutId})`,
  RolloutStepApproved: ({ release, step, body, stillNeeded = 0 }) =>
    stillNeeded === 0
      ? `${body} lets the rollout of ${release} enter ${step}`
      : `one of ${body} lets the rollout of ${release} enter ${step}; it takes ${stillNeeded} more`,
  RolloutStepRejected: ({ release, step, body }) =>
    `${body} does not let the rollout of ${release} enter ${step}`,
  RolloutPauseRequested: ({ release }) => `a pause of the rollout of ${release} is asked for`,
  RolloutResumeRequested: ({ release }) => `the rollout of ${release} is to go on`,
  RolloutRollbackRequested: ({ release }) => `a roll-back of ${release} is asked for`,
  RolloutHoldWaived: ({ release, step, body }) =>
    `${body} lets the rollout of ${release} leave its hold at ${step}`,
  RolloutPlanned: ({ release, type, steps }) =>
    `the ${type} rollout of ${release} is planned: ${steps.map(({ id }) => id).join(' → ')}`,
  RolloutApprovalAwaited: ({ release, step, bodies }) =>
    `the rollout of ${release} waits at ${step} for ${list(bodies)}`,
  RolloutStepStarted: ({ release, step, percent }) => `release ${release} is on at ${step} (${percent} %)`,
  RolloutStepAdvanced: ({ release, step, evidence }) =>
    `the gate of ${step} holds for ${release}${figures(evidence)}`,
  RolloutHeld: ({ release, step, reason }) => `the rollout of ${release} is held at ${step}: ${reason}`,
  RolloutBodiesAsked: ({ release, step, bodies, reason }) =>
    `${list(bodies)} are asked what to do about ${release}, held at ${step}: ${reason}`,
  RolloutRefused: ({ release, reason }) => `the rollout of ${release} is refused: ${reason}`,
  RolloutSuperseded: ({ release, replacedBy }) =>
    `the rollout of ${release} ends: ${replacedBy} took its place`,
  RollbackOverdue: ({ release, declared }) =>
    `the roll-back of ${release} takes longer than the declared ${declared}`,
  ReleaseRecorded: ({ release, record }) => `release ${release} is on record: ${list(Object.keys(record))}`,
  RolloutPaused: ({ release, step, reason }) => `the rollout of ${release} is paused at ${step}: ${reason}`,
  RolloutResumed: ({ release, step }) => `the rollout of ${release} goes on at ${step}`,
  RolledBack: ({ release, step, to, automatic, reason, evidence }) =>
    `release ${release} is rolled back${automatic ? ' by itself' : ''} at ${step} to ${to ?? 'nothing'}: ${reason}${figures(evidence)}`,
  BakeStarted: ({ release, until }) => `release ${release} is on everywhere and is watched until ${until}`,
  RolloutCompleted: ({ release }) => `the rollout of ${release} is complete`,
  AlertRaised: ({ release, severity, signal, reason }) => `${severity} for ${release}: ${signal}, ${reason}`,
  AlertResolved: ({ release, alertId }) => `alert ${alertId} of ${release} is resolved`,
  PermissionViolated: ({ release, permission, kind, count }) =>
    `${permission} was used ${count} times ${kind} by ${release}`,
  RevocationProposed: ({ release, permission, ground, lastUsedAt, window, count }) =>
    ground === 'unused'
      ? `${permission} should be taken from ${release}: not used from ${window?.from ?? ''} to ${window?.to ?? ''}, last used ${lastUsedAt ?? 'never'}`
      : `${permission} should be taken from ${release}: used ${count} times without being held`,
  RevocationLapsed: ({ release, permission, reason }) =>
    `that ${permission} should be taken from ${release} has no ground any more: ${reason}`,
  RevocationDecided: ({ release, permission, decision, releases, reason }) =>
    decision === 'accepted'
      ? `${permission} is taken from ${list(releases)}: ${reason}`
      : `${permission} is kept by ${release}: ${reason}`,
  CompatibilityMatrixUpdated: ({ release, cells }) =>
    `the compatibility matrix of ${release} is updated (${cells.length} cells)`,
  LifecycleUpdated: ({ release }) => `the lifecycle of ${release} is updated`,
  ReleaseSignedOff: ({ release }) => `release ${release} is signed off`,
  LateFactRecorded: ({ fact, reason }) => `${fact} came too late: ${reason}`,
  ReleaseWithdrawn: ({ release }) => `release ${release} is withdrawn`,
  ReleaseResubmitted: ({ release }) => `release ${release} is submitted again`,
  RolloutRetried: ({ release }) =>
    `release ${release} is to be rolled out again; its approvals are judged again`,
  ReleaseDeprecated: ({ release, sunset }) =>
    `release ${release} is deprecated${sunset === null ? '' : ` until ${sunset}`}`,
  IntegrationSuspended: () => 'the integration is suspended',
  IntegrationReinstated: () => 'the integration is reinstated',
  IntegrationRetired: () => 'the integration is retired',
  IntegrationDeprecated: ({ sunset }) =>
    `the integration is deprecated${sunset === null ? '' : ` until ${sunset}`}`,
  StewardshipScheduled: ({ release, tasks }) =>
    `stewardship after ${release}: ${list(tasks.map(({ task, dueAt }) => `${task} by ${dueAt.slice(0, 10)}`))}`,
  StewardshipReminded: ({ task, dueAt }) => `${task} falls due on ${dueAt.slice(0, 10)}`,
  StewardshipOverdue: ({ task, dueAt }) => `${task} is overdue since ${dueAt.slice(0, 10)}`,
  StewardshipEscalated: ({ task }) => `${task} is escalated to its body`,
  StewardshipRecorded: ({ task, outcome, nextDueAt }) =>
    `${task} is ${outcome}${nextDueAt === null ? '' : `, next by ${nextDueAt.slice(0, 10)}`}`,
};

const targetText = (
  target: Extract<IntegrationEvent, { type: 'WaiverGranted' }>['data']['target'],
): string => {
  if (target.kind === 'finding') return `${target.ruleId} of ${target.check}`;
  if (target.kind === 'check') return target.check;
  return target.kind === 'rollout-type' ? `a ${target.rollout} rollout` : `the hold at ${target.step}`;
};

/** @returns one sentence for a person, without names: the trail shows the actor beside it */
export const describe = (event: IntegrationEvent): string =>
  (SENTENCES[event.type] as (data: unknown) => string)(event.data);

/** @returns why somebody did it, in their words; null where nobody said */
export const reasonOf = ({ data }: IntegrationEvent): string | null =>
  'reason' in data && typeof data.reason === 'string' ? data.reason : null;

/** @returns the actor that the event names; null where a service or the passing of time is behind it */
export const actorOf = ({ data }: IntegrationEvent): string | null => ('by' in data ? data.by : null);
