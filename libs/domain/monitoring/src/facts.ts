/** What every piece of telemetry says of itself; `at` is milliseconds since 1970. */
interface Origin {
  readonly integration: string;
  readonly release: string;
  readonly workspace: string;
  readonly at: number;
}

/** One call of an operation of the integration's API. */
export interface ApiCall extends Origin {
  readonly kind: 'api-call';
  readonly operation: string;
  readonly status: number;
  readonly durationMs: number;
}

/** One run of a workflow, at its end. */
export interface WorkflowRun extends Origin {
  readonly kind: 'workflow-run';
  readonly workflow: string;
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | 'fell-back' | 'cancelled';
  readonly durationMs: number;
}

/** One decision of the platform's permission validator. */
export interface PermissionUse extends Origin {
  readonly kind: 'permission-use';
  readonly permission: string;
  readonly resource: string;
  readonly decision: 'allowed' | 'denied';
}

/** One run of a partner's extension; `denied`: the sandbox stopped a call outside its declaration. */
export interface ExtensionRun extends Origin {
  readonly kind: 'extension';
  readonly extension: string;
  readonly outcome: 'succeeded' | 'crashed' | 'timed-out' | 'denied';
  readonly durationMs: number;
  readonly target?: string;
}

/** A piece of telemetry that names its integration and release, and is thereby attributed (PB-1.2). */
export type TelemetryFact = ApiCall | WorkflowRun | PermissionUse | ExtensionRun;
