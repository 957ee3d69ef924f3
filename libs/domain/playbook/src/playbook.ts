/** ISO 8601 duration without years or months, except where said: `PT1H`, `P90D`, `PT2S`. */
export type Duration = string;

export const SUBJECTS = ['integration', 'capability', 'tier'] as const;
/** What a proposal introduces. */
export type Subject = (typeof SUBJECTS)[number];

export const RISK_LEVELS = ['low', 'medium', 'high'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export const ROLLOUT_TYPES = ['full', 'staged', 'controlled'] as const;
export type RolloutType = (typeof ROLLOUT_TYPES)[number];

export const STEP_NUMBERS = [1, 2, 3, 4, 5, 6, 7] as const;
export type StepNumber = (typeof STEP_NUMBERS)[number];

/** A governance body that owns a field. Ids of 1.0: TSC, SCO, ERC, CGB. */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly field: string;
  /** Approving votes by different people that make a decision of this body. */
  readonly quorum: number;
}

/** A document that is asked for; `id` is its key in the manifest (`proposal.<id>` or `docs.<id>`). */
export interface DocumentRule {
  readonly id: string;
  readonly title: string;
  readonly section: 'proposal' | 'docs';
  readonly required: boolean;
  /** Row of requirements.md that this line carries, for example `PB-3.01`. */
  readonly requirement: string;
}

/**
 * What a decision was made about, each hashed by itself: `document:<id>`, `contract`, `manifest:<section>` (a top-level key of the manifest),
 * or `everything`. A vote is in force exactly while these digests are equal.
 */
export type Covered = string;

/** A decision that a body takes: a step-1 approval, a checkpoint, a sign-off. */
export interface DecisionRule {
  /** `approval:TSC`, `checkpoint:compatibility`, `sign-off:CGB`: the requirement id that gates and messages use. */
  readonly id: string;
  readonly kind: 'approval' | 'checkpoint' | 'sign-off';
  /** `TSC` for approvals and sign-offs, `compatibility` for checkpoints. */
  readonly name: string;
  readonly title: string;
  readonly body: string;
  readonly covers: readonly Covered[];
  readonly dueWithin: Duration;
  readonly requirement: string;
}

/** A task of step 2 or 3, recorded with evidence. */
export interface TaskRule {
  readonly id: string;
  readonly title: string;
  readonly phase: 'preparation' | 'implementation';
  /** True when a validation service check of the evidence must have passed (PB-2.2: checked, not merely claimed). */
  readonly verified: boolean;
  /** What the evidence is checked against: it is checked again when one of these changes. Empty where none is checked. */
  readonly covers: readonly Covered[];
  readonly requirement: string;
}

export const VALIDATION_KINDS = [
  'compatibility',
  'security',
  'workflow',
  'governance',
  'documentation',
] as const;
export type ValidationKind = (typeof VALIDATION_KINDS)[number];

/** A check that belongs to a kind of validation. */
export interface CheckRule {
  /** Id in the catalogue: `manifest`, `contract-diff`, `forbidden-surfaces` … */
  readonly id: string;
  readonly title: string;
  readonly kind: ValidationKind;
  /** The body that may waive a finding of it; null: can't be waived. */
  readonly waivableBy: string | null;
  readonly requirement: string;
}

/** A step is a gate: it is passed when every requirement of it is met. */
export interface StepRule {
  readonly number: StepNumber;
  readonly id: string;
  readonly title: string;
  /**
   * Requirement ids: `documents:proposal`, `approval:TSC`, `preparation:sandbox`, `implementation:testing`, `validation:security`,
   * `checkpoint:workflow`, `documents:docs`, `release:versioned`, `release:migration-guide`, `release:fallback`, `rollout:complete`, `monitoring:bake`,
   * `monitoring:no-open-alert`, `matrix:updated`, `lifecycle:updated`, `sign-off:CGB` …
   */
  readonly requires: readonly string[];
}

/** Rules are tried in order; every one that holds raises the level to at least its own. */
export interface RiskRule {
  readonly id: string;
  readonly when:
    | 'new-permission'
    | 'new-workflow'
    | 'forbidden-near'
    | 'breaking-change'
    | 'partner-only'
    | 'medium-scope-change'
    | 'new-extension'
    | 'first-release';
  /** Of `medium-scope-change`: the parts of a submission whose change is one, named as in `covers`. */
  readonly sections?: readonly string[] | undefined;
  readonly level: RiskLevel;
  readonly title: string;
}

export interface RolloutStepRule {
  readonly id: string;
  /** Who is exposed besides the percentage: `internal` workspaces, then the partner's named ones. */
  readonly allowList: 'none' | 'internal' | 'partners';
  /** 0 to 100. */
  readonly percent: number;
  readonly minDwell: Duration;
  readonly minRequests: number;
  /** Bodies whose approval is needed before this step is ENTERED; empty: automatic. */
  readonly approvals: readonly string[];
}

export interface RolloutPlanRule {
  readonly type: RolloutType;
  readonly forLevel: RiskLevel;
  readonly steps: readonly RolloutStepRule[];
  readonly bake: Duration;
  readonly bakeMinRequests: number;
  readonly alpha: number;
  /** Tolerated relative worsening, 0.25 = 25 %. */
  readonly margin: number;
  /** After a hold for want of data of this length the bodies are asked. */
  readonly askAfter: Duration;
  /** A failing gate has rolled back within this time. */
  readonly rollbackWithin: Duration;
  /**
   * A step that is exposed, has telemetry, and can't get on because a slower page rule burns is rolled back after this; holds for
   * want of data, waits for approvals and pauses don't count. Absent: no deadline.
   */
  readonly progressDeadline?: Duration;
}

export interface BurnRule {
  readonly id: string;
  readonly severity: 'page' | 'ticket';
  /** Fraction of the budget of `period` that is used up in `long`: factor = budget × period ÷ long. */
  readonly budget: number;
  readonly long: Duration;
  readonly short: Duration;
}

export interface SignalRule {
  readonly id: 'api-errors' | 'workflow-reliability' | 'permission-usage' | 'extension-behaviour';
  readonly title: string;
  /** Success ratio that is promised where the manifest says nothing; 0..1. */
  readonly objective: number;
  readonly period: Duration;
  readonly requirement: string;
}

export interface MonitoringRule {
  /** Length of a telemetry window. */
  readonly window: Duration;
  /** A window is sealed when the watermark (highest event time seen, less this) has passed its end. */
  readonly watermark: Duration;
  /** No telemetry for a release under rollout for this many windows → inconclusive. */
  readonly silentWindows: number;
  readonly signals: readonly SignalRule[];
  readonly burn: readonly BurnRule[];
  /** Somebody is trying doors: so many different permissions out of scope within this time. */
  readonly probing: { readonly permissions: number; readonly within: Duration };
  /** A permission that a live release held and nobody used for `after` is proposed for revocation; where nothing can be said yet, it is looked at again after `lookAgain`. */
  readonly unused: { readonly after: Duration; readonly lookAgain: Duration };
  /** Burn rules decide on a canary only from this many failures on. */
  readonly minFailures: number;
}

export interface StewardshipTaskRule {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  /** May use years: `P1Y`. */
  readonly every: Duration;
  readonly remindBefore: Duration;
  /** From this long overdue on it is escalated to the body. */
  readonly escalateAfter: Duration;
  /** From this long overdue on the integration is suspended, reversibly; null: never by itself. */
  readonly suspendAfter: Duration | null;
  /** Checks that the live release is run through when it was done; absent: no run. */
  readonly checks?: readonly string[] | undefined;
  readonly requirement: string;
}

export interface WaiverRule {
  readonly maxDuration: Duration;
  /** Finding rule ids (or prefixes ending in `*`) and check ids that can never be waived. */
  readonly never: readonly string[];
  /** The body that allows a rollout type laxer than the computed one. */
  readonly laxerRolloutBy: string;
}

/** The registry of the platform's permissions. */
export interface RegistryRule {
  /** The body that lets permissions in and takes them out. */
  readonly body: string;
}

/** The playbook as data. 1.0 is playbook.md, every line of it that is a rule. */
export interface Playbook {
  /** `1.0`, or `1.0-demo` for an overlay. */
  readonly version: string;
  readonly title: string;
  /** The version that an overlay changes; null for a whole playbook. */
  readonly overlays: string | null;
  /** SHA-256 of its canonical JSON, overlay applied. */
  readonly digest: string;
  readonly subjects: readonly Subject[];
  readonly bodies: readonly Body[];
  readonly documents: readonly DocumentRule[];
  readonly tasks: readonly TaskRule[];
  readonly decisions: readonly DecisionRule[];
  readonly checks: readonly CheckRule[];
  readonly steps: readonly StepRule[];
  readonly risk: readonly RiskRule[];
  readonly rollouts: readonly RolloutPlanRule[];
  readonly monitoring: MonitoringRule;
  readonly stewardship: readonly StewardshipTaskRule[];
  readonly waivers: WaiverRule;
  readonly registry: RegistryRule;
}
