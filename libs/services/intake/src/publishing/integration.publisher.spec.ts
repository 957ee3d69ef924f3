import { describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES } from '@kwanus/contracts';
import type { MembershipEvent } from '@kwanus/domain-governance';
import type { IntegrationEvent } from '@kwanus/domain-integration';
import { integrationPublisher } from './integration.publisher.js';

/** Every type that the domain knows: one that is missing here, or too many, does not compile. */
const TYPES: Readonly<Record<IntegrationEvent['type'] | MembershipEvent['type'], true>> = {
  IntegrationProposed: true,
  PlaybookAdopted: true,
  ReleaseOpened: true,
  ReleaseAmended: true,
  VoteRecorded: true,
  VoteWithdrawn: true,
  VotesVoided: true,
  EvidenceRecorded: true,
  EvidenceVerified: true,
  EvidenceRefused: true,
  StepPassed: true,
  StepEntered: true,
  ValidationRequested: true,
  ValidationCancelled: true,
  ValidationPassed: true,
  ValidationFailed: true,
  ValidationInconclusive: true,
  GovernanceValidated: true,
  RiskAssessed: true,
  StricterRolloutChosen: true,
  WaiverGranted: true,
  WaiverExpired: true,
  RolloutRequested: true,
  RolloutStepApproved: true,
  RolloutStepRejected: true,
  RolloutPauseRequested: true,
  RolloutResumeRequested: true,
  RolloutRollbackRequested: true,
  RolloutHoldWaived: true,
  RolloutPlanned: true,
  RolloutApprovalAwaited: true,
  RolloutStepStarted: true,
  RolloutStepAdvanced: true,
  RolloutHeld: true,
  RolloutPaused: true,
  RolloutResumed: true,
  RolledBack: true,
  RolloutRefused: true,
  RolloutSuperseded: true,
  RolloutBodiesAsked: true,
  RollbackOverdue: true,
  ReleaseRecorded: true,
  BakeStarted: true,
  RolloutCompleted: true,
  AlertRaised: true,
  AlertResolved: true,
  PermissionViolated: true,
  RevocationProposed: true,
  RevocationLapsed: true,
  RevocationDecided: true,
  CompatibilityMatrixUpdated: true,
  LifecycleUpdated: true,
  ReleaseSignedOff: true,
  LateFactRecorded: true,
  ReleaseWithdrawn: true,
  ReleaseResubmitted: true,
  RolloutRetried: true,
  ReleaseDeprecated: true,
  IntegrationSuspended: true,
  IntegrationReinstated: true,
  IntegrationRetired: true,
  IntegrationDeprecated: true,
  StewardshipScheduled: true,
  StewardshipReminded: true,
  StewardshipOverdue: true,
  StewardshipEscalated: true,
  StewardshipRecorded: true,
  SeatsBootstrapped: true,
  SeatChangeProposed: true,
  SeatChangeConfirmed: true,
  SeatGranted: true,
  SeatRevoked: true,
};

describe('integrationPublisher', () => {
  it.each(Object.keys(TYPES))(
    '%s leaves as a message type that libs/contracts knows, data as it stands',
    (type) => {
      const data = { integrationId: 'acme.orders' };
      const form = integrationPublisher({ type, schemaVersion: 1, data });
      expect(Object.keys(MESSAGE_TYPES)).toContain(form?.type);
      expect(form).toMatchObject({ topic: 'kwanus.integration', data });
    },
  );
});
