/** What starts a workflow, what it starts, and what it may: `event:<type>`, `operation:<integration>#<operationId>`. */
export interface WorkflowLink {
  readonly workflow: string;
  /** Null: it runs by the clock. */
  readonly startedBy: string | null;
  readonly starts: readonly string[];
  readonly permissions: readonly string[];
}

/** A workflow of a live release of another integration. */
export interface NeighbourWorkflow extends WorkflowLink {
  readonly integrationId: string;
  readonly release: string;
}

/** Workflows of others that the submission can set going, directly or through one another. */
export interface Neighbours {
  readonly workflows: readonly NeighbourWorkflow[];
  /** False: there are more than were followed. */
  readonly complete: boolean;
}
