import type { Distinct } from './distinct.js';
import type { Latency } from './latency.js';

/** Calls of one operation. */
export interface OperationTotals {
  readonly name: string;
  readonly requests: number;
  /** Responses 5xx. */
  readonly failures: number;
  /** Responses 4xx: shown, not held against the release. */
  readonly rejected: number;
  readonly latency: Latency;
}

/** Runs of one workflow by outcome. */
export interface WorkflowTotals {
  readonly name: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly fellBack: number;
  readonly cancelled: number;
  readonly latency: Latency;
}

/** Decisions about one permission; whether it was granted is judged when they are read. */
export interface PermissionTotals {
  readonly name: string;
  readonly allowed: number;
  readonly denied: number;
}

/** Runs of one extension by outcome. */
export interface ExtensionTotals {
  readonly name: string;
  readonly succeeded: number;
  readonly crashed: number;
  readonly timedOut: number;
  /** Calls that the sandbox stopped because they were not declared. */
  readonly denied: number;
  readonly latency: Latency;
  readonly targets: readonly NamedCount[];
}

/** How often something was seen. */
export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/**
 * Everything that one release did in one window. Plain JSON of bounded size; lists are sorted by name. What no longer fits
 * under a cap is added up under OTHER, and `overflowed` counts those observations: sums stay exact, only names are lost.
 */
export interface WindowTotals {
  readonly operations: readonly OperationTotals[];
  readonly workflows: readonly WorkflowTotals[];
  readonly permissions: readonly PermissionTotals[];
  readonly extensions: readonly ExtensionTotals[];
  readonly workspaces: Distinct;
  readonly observations: number;
  readonly overflowed: number;
}

/** The name under which is added up what no longer fits; no telemetry may use it. */
export const OTHER = '(other)';

/** Names kept per list; chosen so that the largest possible event stays under the log's limit of 256 KiB. */
export const CAPS = { operations: 96, workflows: 48, permissions: 96, extensions: 16, targets: 4 } as const;

/** The totals of nothing. */
export const NO_TOTALS: WindowTotals = {
  operations: [],
  workflows: [],
  permissions: [],
  extensions: [],
  workspaces: [],
  observations: 0,
  overflowed: 0,
};
