import { randomUUID } from 'node:crypto';
import { telemetryMessages } from '@kwanus/contracts';
import type { z } from 'zod';
import type { ApiCall, ExtensionRun, PermissionUse, WorkflowRun } from './telemetry.js';

const SCHEMAS = {
  'api-call': telemetryMessages.ApiCall,
  'workflow-run': telemetryMessages.WorkflowRun,
  'permission-use': telemetryMessages.PermissionUse,
  extension: telemetryMessages.ExtensionRun,
} as const satisfies Record<string, z.ZodType>;

/** The last part but one of the type: `kwanus.telemetry.<kind>.v1`. */
export type Kind = keyof typeof SCHEMAS;

/** A piece of telemetry as a CloudEvent 1.0. Its id stays the same however often it is sent. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: { readonly integration: string };
}

/** What was handed over does not fit the contract. */
export class TelemetryInvalid extends Error {
  override readonly name = 'TelemetryInvalid';
}

/**
 * @returns the event that stands for the facts, with the time added where they have none
 * @throws TelemetryInvalid
 */
export function toCloudEvent(
  kind: Kind,
  facts: ApiCall | WorkflowRun | PermissionUse | ExtensionRun,
  source: string,
): CloudEvent {
  const checked = SCHEMAS[kind].safeParse({ ...facts, at: facts.at ?? new Date().toISOString() });
  if (!checked.success)
    throw new TelemetryInvalid(
      checked.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`).join('; '),
    );
  const type = `kwanus.telemetry.${kind}.v1`;
  return { specversion: '1.0', id: randomUUID(), source, type, data: checked.data };
}
