import type { Covered, RolloutType, Subject } from '@kwanus/domain-playbook';
import type { JsonObject } from '@kwanus/kernel';

/** A file by digest; the bytes are in the artefact store. */
export type FileReference = {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
};

/** What a submission declares, as far as the rules need it. Everything else is in the manifest, by digest. */
export type Declared = {
  readonly subject: Subject;
  readonly tier: string | null;
  readonly supersedes: string | null;
  readonly partnerOnly: boolean;
  readonly permissions: readonly {
    readonly id: string;
    readonly actions: readonly string[];
  }[];
  readonly workflows: readonly string[];
  readonly operations: readonly string[];
  readonly extensions: readonly string[];
  readonly capabilities: readonly string[];
  /** Of a tier: the permissions that it entitles to; its capabilities stand above. */
  readonly entitledPermissions?: readonly string[];
  /** Hosts that extensions may call; absent: not told. */
  readonly egress?: readonly string[];
  readonly slos: readonly { readonly signal: string; readonly objective: number; readonly period: string }[];
  readonly fallback: readonly JsonObject[];
  readonly rollbackTo: string | null;
  /** Ids of the documents that are there: `expansionProposal`, `migrationGuide` … */
  readonly documents: readonly string[];
  /** Digests (opaque) of who answers for it; the names stand in the manifest. */
  readonly accountable: { readonly contact: string; readonly sponsor: string };
};

/** One submitted state of a release. */
export type Submitted = {
  readonly manifestPath: string;
  readonly files: readonly FileReference[];
  /** Digest of everything that a decision can cover, and `everything`. */
  readonly digests: Readonly<Record<Covered, string>>;
  readonly declared: Declared;
};

/** An event type and its data; one member for each type, so that a switch can tell them apart. */
export type Of<Type extends string, Data> = Type extends string
  ? { readonly type: Type; readonly data: { readonly integrationId: string } & Data }
  : never;
export type OfRelease<Type extends string, Data = unknown> = Of<Type, { readonly release: string } & Data>;
export type OfRollout<Type extends string, Data = unknown> = OfRelease<
  Type,
  { readonly rolloutId: string } & Data
>;
/** The event of another service that this fact was recorded from. */
export type Cause = { readonly cause: string };

export type VoteKind = 'approval' | 'checkpoint' | 'sign-off' | 'step';
export type CheckVerdict = {
  readonly check: string;
  readonly kind: string;
  readonly outcome: 'passed' | 'failed' | 'inconclusive' | 'not-performed';
  readonly summary: string;
  readonly blocking: readonly {
    readonly ruleId: string;
    readonly fingerprint: string;
    readonly message: string;
    readonly file: string;
    readonly pointer: string;
  }[];
  readonly warnings: number;
};
export type ValidationFacts = {
  readonly breaking: boolean;
  readonly semver: string;
  readonly newPermissions: readonly string[];
  readonly newWorkflows: readonly string[];
  readonly newExtensions: readonly string[];
  readonly partnerOnly: boolean;
  readonly forbiddenNear: boolean;
  readonly changedSections: readonly string[];
};
export type WaiverTarget =
  | {
      readonly kind: 'finding';
      readonly check: string;
      readonly ruleId: string;
      readonly fingerprint: string;
    }
  | { readonly kind: 'check'; readonly check: string }
  | { readonly kind: 'rollout-type'; readonly rollout: RolloutType }
  | { readonly kind: 'rollout-hold'; readonly step: string };
/** Who asked for a pause: somebody of a partner, of the platform, or the gate that is blocked again. */
export type Rank = 'gate' | 'partner' | 'reviewer' | 'operator' | 'admin';
export type SubmissionReference = {
  readonly release: string;
  readonly manifestPath: string;
  readonly files: readonly FileReference[];
};
export type StewardshipItem = { readonly task: string; readonly dueAt: string };
