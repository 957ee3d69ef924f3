import type { RolloutType } from '@kwanus/domain-playbook';
import type { JsonObject } from '@kwanus/kernel';
import type { Cause, FileReference, Of, OfRelease, OfRollout, StewardshipItem } from './integration.parts.js';

/** Which permission should be taken away: held and not used, or used and not held. */
interface RevocationSubject {
  readonly permission: string;
  readonly ground: 'unused' | 'undeclared';
}

/** Facts of rollout and monitoring, lifecycle, stewardship. */
export type LaterEvent =
  | OfRollout<
      'RolloutPlanned',
      Cause & {
        readonly type: RolloutType;
        readonly steps: readonly {
          readonly id: string;
          readonly percent: number;
          readonly approvals: readonly string[];
        }[];
      }
    >
  | OfRollout<
      'RolloutApprovalAwaited',
      Cause & { readonly step: string; readonly percent: number; readonly bodies: readonly string[] }
    >
  | OfRollout<'RolloutStepStarted', Cause & { readonly step: string; readonly percent: number }>
  | OfRollout<
      'RolloutStepAdvanced',
      Cause & { readonly step: string; readonly percent: number; readonly evidence: JsonObject }
    >
  | OfRollout<
      'RolloutHeld',
      Cause & { readonly step: string; readonly reason: string; readonly evidence: JsonObject }
    >
  | OfRollout<'RolloutPaused' | 'RolloutResumed', Cause & { readonly step: string; readonly reason: string }>
  | OfRollout<
      'RolledBack',
      Cause & {
        readonly step: string;
        readonly to: string | null;
        readonly automatic: boolean;
        readonly reasonCode: string;
        readonly reason: string;
        readonly evidence: JsonObject;
      }
    >
  | OfRollout<'RolloutRefused', Cause & { readonly code: string; readonly reason: string }>
  | OfRollout<
      'RolloutSuperseded',
      Cause & { readonly step: string; readonly replacedBy: string; readonly reason: string }
    >
  | OfRollout<
      'RolloutBodiesAsked',
      Cause & {
        readonly step: string;
        readonly bodies: readonly string[];
        readonly heldSince: string;
        readonly reason: string;
      }
    >
  | OfRollout<
      'RollbackOverdue',
      Cause & { readonly step: string; readonly declared: string; readonly decidedAt: string }
    >
  | OfRelease<
      'ReleaseRecorded',
      Cause & { readonly record: Readonly<Record<string, string>>; readonly at: string }
    >
  | OfRollout<'BakeStarted', Cause & { readonly until: string }>
  | OfRollout<'RolloutCompleted', Cause & { readonly evidence: JsonObject }>
  | OfRelease<
      'AlertRaised',
      Cause & {
        readonly alertId: string;
        readonly severity: 'page' | 'ticket';
        readonly signal: string;
        readonly reason: string;
        readonly numbers: JsonObject;
      }
    >
  | OfRelease<'AlertResolved', Cause & { readonly alertId: string; readonly reason: string }>
  | OfRelease<
      'PermissionViolated',
      Cause & { readonly permission: string; readonly kind: string; readonly count: number }
    >
  | OfRelease<
      'RevocationProposed',
      Cause &
        RevocationSubject & {
          readonly grantedAt: string | null;
          readonly lastUsedAt: string | null;
          readonly window: { readonly from: string; readonly to: string } | null;
          readonly count: number;
        }
    >
  | OfRelease<'RevocationLapsed', Cause & RevocationSubject & { readonly reason: string }>
  | OfRelease<
      'RevocationDecided',
      Cause &
        RevocationSubject & {
          readonly decision: 'accepted' | 'rejected';
          readonly releases: readonly string[];
          readonly reason: string;
          readonly by: string;
          readonly at: string;
        }
    >
  | OfRelease<'CompatibilityMatrixUpdated', Cause & { readonly cells: readonly JsonObject[] }>
  | OfRelease<
      'LifecycleUpdated',
      {
        readonly evidence: readonly FileReference[];
        readonly reason: string;
        readonly by: string;
        readonly sponsor?: string;
      }
    >
  | OfRelease<'ReleaseSignedOff'>
  | Of<
      'LateFactRecorded',
      Cause & {
        readonly release: string | null;
        readonly fact: string;
        readonly reason: string;
        readonly data: JsonObject;
      }
    >
  | OfRelease<'ReleaseWithdrawn', { readonly reason: string; readonly by: string }>
  | OfRelease<
      'ReleaseResubmitted',
      { readonly reason: string; readonly by: string; readonly sponsor?: string }
    >
  | OfRelease<'RolloutRetried', { readonly reason: string; readonly by: string }>
  | OfRelease<
      'ReleaseDeprecated',
      { readonly reason: string; readonly by: string; readonly sunset: string | null }
    >
  | Of<
      'IntegrationSuspended' | 'IntegrationReinstated' | 'IntegrationRetired',
      { readonly reason: string; readonly by: string }
    >
  | Of<
      'IntegrationDeprecated',
      { readonly reason: string; readonly by: string; readonly sunset: string | null }
    >
  | OfRelease<'StewardshipScheduled', { readonly tasks: readonly StewardshipItem[] }>
  | Of<
      'StewardshipReminded' | 'StewardshipOverdue' | 'StewardshipEscalated',
      { readonly task: string; readonly dueAt: string }
    >
  | OfRelease<
      'StewardshipRecorded',
      {
        readonly task: string;
        readonly outcome: 'done' | 'failed';
        readonly reason: string;
        readonly by: string;
        readonly evidence: readonly FileReference[];
        readonly nextDueAt: string | null;
      }
    >;
