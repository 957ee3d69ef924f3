import type { z } from 'zod';
import * as integration from './messages/integration.v1.js';
import * as facts from './messages/integration-facts.v1.js';
import * as monitoring from './messages/monitoring.v1.js';
import * as rollout from './messages/rollout.v1.js';
import * as telemetry from './messages/telemetry.v1.js';
import * as validation from './messages/validation.v1.js';
import { Withheld } from './messages/withheld.v1.js';
import { TOPICS, type Topic } from './topics.js';

/** A message type that leaves a service. */
export interface MessageType {
  readonly type: string;
  readonly topic: Topic;
  readonly schema: z.ZodType;
}

const of = (topic: Topic, prefix: string, schemas: Record<string, z.ZodType>): Record<string, MessageType> =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${prefix}.${name}.v1`,
      { type: `${prefix}.${name}.v1`, topic, schema },
    ]),
  );

/** Every message type that may leave a service. What is not here can’t be published: the relay stops before it. */
export const MESSAGE_TYPES: Readonly<Record<string, MessageType>> = {
  ...of(TOPICS.integration, 'kwanus.intake', { withheld: Withheld }),
  ...of(TOPICS.integration, 'kwanus.integration', {
    'validation-requested': integration.ValidationRequested,
    'validation-cancelled': integration.ValidationCancelled,
    'rollout-requested': integration.RolloutRequested,
    'rollout-step-approved': integration.RolloutStepApproved,
    'rollout-step-rejected': integration.RolloutStepRejected,
    'rollout-pause-requested': integration.RolloutPauseRequested,
    'rollout-resume-requested': integration.RolloutResumeRequested,
    'rollout-rollback-requested': integration.RolloutRollbackRequested,
    'rollout-hold-waived': integration.RolloutHoldWaived,
    'step-entered': integration.StepEntered,
    'release-withdrawn': integration.ReleaseWithdrawn,
    'release-signed-off': integration.ReleaseSignedOff,
    'release-deprecated': integration.ReleaseDeprecated,
    'integration-suspended': integration.IntegrationSuspended,
    'integration-reinstated': integration.IntegrationReinstated,
    'integration-deprecated': integration.IntegrationDeprecated,
    'integration-retired': integration.IntegrationRetired,
    'integration-proposed': facts.IntegrationProposed,
    'playbook-adopted': facts.PlaybookAdopted,
    'release-opened': facts.ReleaseOpened,
    'release-amended': facts.ReleaseAmended,
    'vote-recorded': facts.VoteRecorded,
    'vote-withdrawn': facts.VoteWithdrawn,
    'votes-voided': facts.VotesVoided,
    'evidence-recorded': facts.EvidenceRecorded,
    'evidence-verified': facts.EvidenceVerified,
    'evidence-refused': facts.EvidenceRefused,
    'step-passed': facts.StepPassed,
    'validation-passed': facts.ValidationConcluded,
    'validation-failed': facts.ValidationConcluded,
    'validation-inconclusive': facts.ValidationConcluded,
    'governance-validated': facts.GovernanceValidated,
    'risk-assessed': facts.RiskAssessed,
    'stricter-rollout-chosen': facts.StricterRolloutChosen,
    'waiver-granted': facts.WaiverGranted,
    'waiver-expired': facts.WaiverExpired,
    'rollout-planned': facts.RolloutPlanned,
    'rollout-approval-awaited': facts.RolloutApprovalAwaited,
    'rollout-step-started': facts.RolloutStepStarted,
    'rollout-step-advanced': facts.RolloutStepAdvanced,
    'rollout-held': facts.RolloutHeld,
    'rollout-paused': facts.RolloutPaused,
    'rollout-resumed': facts.RolloutResumed,
    'rolled-back': facts.RolledBack,
    'bake-started': facts.BakeStarted,
    'rollout-refused': facts.RolloutRefused,
    'rollout-superseded': facts.RolloutSuperseded,
    'rollout-bodies-asked': facts.RolloutBodiesAsked,
    'rollback-overdue': facts.RollbackOverdue,
    'release-recorded': facts.ReleaseRecorded,
    'rollout-completed': facts.RolloutCompleted,
    'rollout-retried': facts.RolloutRetried,
    'alert-raised': facts.AlertRaised,
    'alert-resolved': facts.AlertResolved,
    'permission-violated': facts.PermissionViolated,
    'revocation-proposed': facts.RevocationProposed,
    'revocation-lapsed': facts.RevocationLapsed,
    'revocation-decided': facts.RevocationDecided,
    'compatibility-matrix-updated': facts.CompatibilityMatrixUpdated,
    'lifecycle-updated': facts.LifecycleUpdated,
    'late-fact-recorded': facts.LateFactRecorded,
    'release-resubmitted': facts.ReleaseResubmitted,
    'stewardship-scheduled': facts.StewardshipScheduled,
    'stewardship-reminded': facts.StewardshipDue,
    'stewardship-overdue': facts.StewardshipDue,
    'stewardship-escalated': facts.StewardshipDue,
    'stewardship-recorded': facts.StewardshipRecorded,
    'seats-bootstrapped': facts.SeatsBootstrapped,
    'seat-change-proposed': facts.SeatChangeProposed,
    'seat-change-confirmed': facts.SeatChangeConfirmed,
    'seat-granted': facts.SeatChanged,
    'seat-revoked': facts.SeatChanged,
  }),
  ...of(TOPICS.validation, 'kwanus.validation', { withheld: Withheld }),
  ...of(TOPICS.validation, 'kwanus.validation', {
    'run-started': validation.RunStarted,
    'check-finished': validation.CheckFinished,
    'run-finished': validation.RunFinished,
    'run-cancelled': validation.RunCancelled,
    'matrix-updated': validation.MatrixUpdated,
    'permission-registry-changed': validation.PermissionRegistryChanged,
    'revocation-proposed': validation.RevocationProposed,
    'revocation-lapsed': validation.RevocationLapsed,
    'revocation-decided': validation.RevocationDecided,
  }),
  ...of(TOPICS.rollout, 'kwanus.rollout', { withheld: Withheld }),
  ...of(TOPICS.rollout, 'kwanus.rollout', {
    planned: rollout.Planned,
    'approval-awaited': rollout.ApprovalAwaited,
    'step-started': rollout.StepStarted,
    'step-advanced': rollout.StepAdvanced,
    held: rollout.Held,
    paused: rollout.Paused,
    resumed: rollout.Resumed,
    'rolled-back': rollout.RolledBack,
    'bake-started': rollout.BakeStarted,
    completed: rollout.Completed,
    refused: rollout.Refused,
    'bodies-asked': rollout.BodiesAsked,
    'rollback-overdue': rollout.RollbackOverdue,
    superseded: rollout.Superseded,
    'release-recorded': rollout.ReleaseRecorded,
  }),
  ...of(TOPICS.monitoring, 'kwanus.monitoring', { withheld: Withheld }),
  ...of(TOPICS.monitoring, 'kwanus.monitoring', {
    'gate-verdict': monitoring.GateVerdict,
    'alert-raised': monitoring.AlertRaised,
    'alert-resolved': monitoring.AlertResolved,
    'permission-violated': monitoring.PermissionViolated,
    'permission-unused': monitoring.PermissionUnused,
    'permission-used-again': monitoring.PermissionUsedAgain,
  }),
  ...of(TOPICS.telemetry, 'kwanus.telemetry', {
    'api-call': telemetry.ApiCall,
    'workflow-run': telemetry.WorkflowRun,
    'permission-use': telemetry.PermissionUse,
    extension: telemetry.ExtensionRun,
  }),
};

/** `ValidationRequested` → `validation-requested` */
export const kebab = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
