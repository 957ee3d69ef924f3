import type { Identities } from '@kwanus/auth';
import type { Clock } from '@kwanus/kernel';
import type { Publisher, Transport } from '@kwanus/messaging';

/** The four services; also the name of their schema (`intake`) and of its read models (`intake_read`). */
export type ServiceName = 'intake' | 'validation' | 'rollout' | 'monitoring';

/**
 * A log beside a service's own, in a schema of its own (`monitoring_telemetry`, read models in `monitoring_telemetry_read`). It is not
 * relayed (publisher null) and consumes nothing; everything else is as in a service, so it is a `ServiceModule.forService` of its own.
 */
export type LogName = ServiceName | 'monitoring_telemetry';

/** What a service is given when it starts, the same embedded and distributed. */
export interface ServiceOptions {
  /** The application's role: may insert and select only. */
  readonly databaseUrl: string;
  /** The owner of the schemas, direct (not through a transaction pooler): migrations, LISTEN, session locks. */
  readonly migrationUrl: string;
  /** The artefact store's own connection. */
  readonly artifactsUrl: string;
  /** The owner of the artefact store's schema. Default: migrationUrl where both are one database; else the schema is left to others. */
  readonly artifactsMigrationUrl?: string;
  readonly transport: Transport;
  /** Version of the playbook that new integrations are pinned to: `1.0`, or `1.0-demo` with the overlay. */
  readonly playbookVersion: string;
  readonly clock: Clock;
  /** People and first seats of identities.yaml. */
  readonly identities: Identities;
  /** Makes page cursors unforgeable; at least 32 bytes, the same on every instance of a service. */
  readonly cursorKey: Uint8Array;
  /** Workers for jobs in this process. Default 2. */
  readonly jobConcurrency?: number;
  /** How often due dates and jobs are looked for. Default 250. */
  readonly pollMs?: number;
  /** False: this process serves HTTP only, and moves no message and does no job. Default true. */
  readonly background?: boolean;
}

/** A table of a service's own schema that is neither log nor read model (for example open telemetry windows). */
export interface ServiceTable {
  readonly name: string;
  /** @returns `CREATE TABLE IF NOT EXISTS …` for the qualified, quoted name */
  readonly create: (qualifiedName: string) => string;
}

/** What `ServiceModule.forService` needs to know. */
export interface ServiceDefinition {
  readonly name: LogName;
  /** Stored event → message to the other services; null: this log is not relayed. */
  readonly publisher: Publisher | null;
  /**
   * Tables that the service needs in its own schema beside the log's: idempotent statements, run with the migrations by the owner;
   * the application's role is granted select, insert, update and delete on the tables named.
   */
  readonly tables?: readonly ServiceTable[];
  readonly options: ServiceOptions;
}
