import type { RolloutType, Subject } from '@kwanus/domain-playbook';
import type {
  FileReference,
  IntegrationEvent,
  Submitted,
  VoteKind,
  WaiverTarget,
} from './integration.events.js';

/** Who gives a command, as proven by whoever takes it: never from a body. */
export interface Giver {
  readonly by: string;
  /** The partner that the giver belongs to; null for the platform's own people. */
  readonly partner: string | null;
  readonly roles: readonly string[];
  /** Who answers for a service identity; null when its token names nobody, absent for persons. */
  readonly sponsor?: string | null;
}
interface Given extends Giver {
  readonly integrationId: string;
}
interface OfRelease extends Given {
  readonly release: string;
}

/** Opens a release, or amends it. */
export class SubmitRelease {
  readonly type = 'SubmitRelease';
  /** @param requestId UUID for the run that may follow, derived from the command */
  constructor(
    readonly given: OfRelease & { readonly sponsor: string | null; readonly requestId: string },
    readonly submitted: Submitted & {
      readonly partner: string;
      readonly name: string;
      readonly subject: Subject;
    },
  ) {}
}
/** A vote on an approval, a checkpoint, a sign-off or a rollout step. */
export class Vote {
  readonly type = 'Vote';
  constructor(
    readonly given: OfRelease & { readonly requestId: string },
    readonly ballot: {
      readonly kind: VoteKind;
      readonly body: string;
      readonly name: string | null;
      readonly vote: 'approve' | 'reject' | 'withdraw';
      readonly reason: string;
      readonly evidence: readonly FileReference[];
    },
  ) {}
}
/** What was done for a task of step 2 or 3. */
export class RecordEvidence {
  readonly type = 'RecordEvidence';
  constructor(
    readonly given: OfRelease & { readonly requestId: string },
    readonly phase: 'preparation' | 'implementation',
    readonly task: string,
    readonly proof: { readonly evidence: readonly FileReference[]; readonly note: string | null },
  ) {}
}
/** Another run of step 4's validations. */
export class RequestValidation {
  readonly type = 'RequestValidation';
  constructor(readonly given: OfRelease & { readonly requestId: string }) {}
}
/** A body accepts what a check says, a laxer rollout, or a hold, until a day. */
export class GrantWaiver {
  readonly type = 'GrantWaiver';
  constructor(
    readonly given: OfRelease & { readonly requestId: string },
    readonly waiver: {
      readonly waiverId: string;
      readonly body: string;
      readonly target: WaiverTarget;
      readonly reason: string;
      readonly expiresAt: string;
    },
  ) {}
}
/** A rollout stricter than the computed one. */
export class ChooseStricterRollout {
  readonly type = 'ChooseStricterRollout';
  constructor(
    readonly given: OfRelease,
    readonly rollout: RolloutType,
    readonly reason: string,
  ) {}
}
/** withdraw, resubmit, pause, resume, rollback, rollout: of a release. */
export class MoveRelease {
  readonly type = 'MoveRelease';
  constructor(
    readonly given: OfRelease & { readonly requestId: string },
    readonly move: 'withdraw' | 'resubmit' | 'pause' | 'resume' | 'rollback' | 'rollout',
    readonly reason: string,
  ) {}
}
/** The update of the lifecycle that step 7 asks for. */
export class UpdateLifecycle {
  readonly type = 'UpdateLifecycle';
  constructor(
    readonly given: OfRelease & { readonly requestId: string },
    readonly evidence: readonly FileReference[],
    readonly reason: string,
  ) {}
}
/** suspend, reinstate, retire, deprecate: of the integration, or deprecate of one release. */
export class MoveIntegration {
  readonly type = 'MoveIntegration';
  constructor(
    readonly given: Given & { readonly release: string | null; readonly requestId?: string },
    readonly move: 'suspend' | 'reinstate' | 'retire' | 'deprecate',
    readonly reason: string,
    readonly sunset: string | null = null,
  ) {}
}
/** Moves the integration to another playbook. */
export class AdoptPlaybook {
  readonly type = 'AdoptPlaybook';
  /** The context's playbook is the one that is adopted. */
  constructor(
    readonly given: Given & { readonly requestId?: string },
    readonly reason: string,
  ) {}
}
/** An annual task was done, or failed. */
export class RecordStewardship {
  readonly type = 'RecordStewardship';
  constructor(
    readonly given: Given & { readonly requestId: string },
    readonly task: string,
    readonly done: {
      readonly outcome: 'done' | 'failed';
      readonly reason: string;
      readonly evidence: readonly FileReference[];
    },
  ) {}
}
/** The fact of another service, already in the integration's own words; never refused. */
export class RecordFact {
  readonly type = 'RecordFact';
  constructor(
    readonly integrationId: string,
    readonly fact: IntegrationEvent,
    readonly requestId: string,
  ) {}
}
/** Something fell due: looks what that means at this moment. */
export class PassTime {
  readonly type = 'PassTime';
  constructor(
    readonly integrationId: string,
    readonly requestId: string,
  ) {}
}
/** Every command on an integration. */
export type IntegrationCommand =
  | SubmitRelease
  | Vote
  | RecordEvidence
  | RequestValidation
  | GrantWaiver
  | ChooseStricterRollout
  | MoveRelease
  | UpdateLifecycle
  | MoveIntegration
  | AdoptPlaybook
  | RecordStewardship
  | RecordFact
  | PassTime;
