/** What every piece of telemetry says. */
export interface Origin {
  /** `<partner>.<name>` */
  readonly integration: string;
  /** The semantic version of the partner's release that ran, for example `1.3.0`. */
  readonly release: string;
  /** What the release is rolled out to: the customer's workspace. */
  readonly workspace: string;
  /** When it happened, RFC 3339 in UTC. Left out: now. */
  readonly at?: string;
}

/** A call of an operation of the partner's API. */
export interface ApiCall extends Origin {
  /** The operation id of the contract. */
  readonly operation: string;
  /** The HTTP status that was answered. */
  readonly status: number;
  readonly durationMs: number;
}

/** A run of one of the partner's workflows. */
export interface WorkflowRun extends Origin {
  readonly workflow: string;
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | 'fell-back' | 'cancelled';
  readonly durationMs: number;
}

/** A decision about a permission. */
export interface PermissionUse extends Origin {
  readonly permission: string;
  readonly resource: string;
  readonly decision: 'allowed' | 'denied';
}

/** A run of one of the partner's extensions. */
export interface ExtensionRun extends Origin {
  readonly extension: string;
  readonly outcome: 'succeeded' | 'crashed' | 'timed-out' | 'denied';
  readonly durationMs: number;
  /** The host that it called, where it called one. */
  readonly target?: string;
}
