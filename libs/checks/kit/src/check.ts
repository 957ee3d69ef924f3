import type { Json, JsonObject } from '@kwanus/kernel';
import type { Fix } from './fix/fix.js';
import type { ExtensionSandbox } from './sandbox.js';
import type { VulnerabilityScanner } from './vulnerabilities.js';
import type { Neighbours } from './workflow-link.js';

/** A file of a submission, by its path inside the folder. Never a path of a machine. */
export interface SubmissionFile {
  readonly path: string;
  /** SHA-256, 64 hexadecimal digits, of the bytes. */
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

/** What a check may see. Reading is the only I/O: by path, from the submission alone; bytes are re-hashed by whoever supplies them. */
export interface Submission {
  readonly integrationId: string;
  readonly release: string;
  /** The manifest as parsed; unchecked until the check `manifest` has passed. */
  readonly manifest: JsonObject;
  readonly manifestPath: string;
  readonly files: readonly SubmissionFile[];
  /** @returns null when the submission has no such file */
  readonly read: (path: string) => Promise<Uint8Array | null>;
}

/** An entry of the permission registry as of the registry version that is cited. */
export interface RegisteredPermission {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly resource: string;
  readonly actions: readonly string[];
  readonly privileged: boolean;
  /** Tiers that are entitled to it; empty: all. */
  readonly tiers: readonly string[];
  readonly status: 'proposed' | 'active' | 'retired';
}

/** Use of a permission without a grant, summed up. */
export interface PermissionViolation {
  readonly release: string;
  readonly permission: string;
  /** `out-of-scope`: tried and refused; `bypassed`: allowed without a grant. */
  readonly kind: string;
  readonly count: number;
}

/** A permission that was taken from releases of the integration. */
export interface RevokedPermission {
  readonly permission: string;
  readonly releases: readonly string[];
  /** `unused` or `undeclared`. */
  readonly ground: string;
  readonly reason: string;
}

/** An event that the platform publishes. */
export interface PlatformEvent {
  readonly type: string;
  /** In service. */
  readonly versions: readonly string[];
}

/** Everything beside the submission that a verdict depends on; all of it is cited in the verdict. */
export interface CheckContext {
  /** Live versions of the same integration, newest first, and the last signed-off one among them. */
  readonly bases: readonly Submission[];
  readonly registry: {
    readonly version: number;
    readonly permissions: readonly RegisteredPermission[];
    /** The tier of each partner, as the platform granted it. */
    readonly tiers: Readonly<Record<string, string>>;
  };
  readonly platformVersions: readonly string[];
  /** The platform's registry of events; absent: nothing is known of them. */
  readonly events?: readonly PlatformEvent[];
  /** Use of permissions that a live version did not hold, as monitoring has seen it; absent: nothing is known of it. */
  readonly violations?: readonly PermissionViolation[];
  /** Permissions that were taken from live versions; absent: nothing is known of it. */
  readonly revocations?: readonly RevokedPermission[];
  /** Workflows of other integrations that this one can set going; absent: nothing is known of others. */
  readonly neighbours?: Neighbours;
  /** What bills of materials are compared with; absent: no vulnerability database is at hand. */
  readonly vulnerabilities?: VulnerabilityScanner;
  /** Where extensions are run; absent: they are not. */
  readonly sandbox?: ExtensionSandbox;
  readonly profile: 'strict-partner' | 'lenient';
  /** RFC 3339; the only present moment that a check knows. */
  readonly asOf: string;
  readonly signal: AbortSignal;
}

export type Severity = 'blocks' | 'warns' | 'informs';

/** One thing found, with the place and the remedy. */
export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly file: string;
  /** RFC 6901 JSON pointer into the file; '' for the whole of it. */
  readonly pointer: string;
  /** 1 for the first line; null where lines mean nothing. */
  readonly line: number | null;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
  /** SHA-256 of rule id, normalised location and subject: the same when unrelated lines move. */
  readonly fingerprint: string;
  /** Facts that other parts use, for example `{operation: "GET /x", breaking: true}`. */
  readonly facts?: JsonObject;
  /** How it is mended by machine; only where a run was asked for it, and never part of a verdict. */
  readonly fix?: Fix;
}

/** `not-performed` and `inconclusive` block like `failed`, unless waived by the owning body; neither ever counts as passed. */
export type CheckOutcome = 'passed' | 'failed' | 'inconclusive' | 'not-performed';

export interface CheckResult {
  /** Id in the catalogue and the playbook. */
  readonly check: string;
  readonly outcome: CheckOutcome;
  readonly findings: readonly Finding[];
  /** Why it is inconclusive or not performed; what was seen otherwise. One sentence. */
  readonly summary: string;
  /** What later steps need: `{semver: "minor", breaking: false, newPermissions: [], newWorkflows: []}` … */
  readonly facts: { readonly [key: string]: Json };
}

/** A check: pure but for reading the submission. The same inputs give the same result, at any later time. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly run: (submission: Submission, context: CheckContext) => Promise<CheckResult>;
}
