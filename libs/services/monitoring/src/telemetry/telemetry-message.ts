import { monitoringHttp, TelemetryHeaders, telemetryMessages } from '@kwanus/contracts';
import type { TelemetryFact } from '@kwanus/domain-monitoring';
import type { ReceivedMessage, TransportMessage } from '@kwanus/messaging';
import type { z } from 'zod';

/** A piece of telemetry as it came over HTTP, checked. */
export type TelemetryEvent = z.infer<typeof monitoringHttp.TelemetryEvent>;

/** Why a message from the transport is no telemetry. */
export interface Unreadable {
  readonly unreadable: string;
}

/** @returns the message that goes to the topic: CloudEvents binary mode, key = integration id */
export function toMessage({ data, ...attributes }: TelemetryEvent): TransportMessage {
  const { id, source, type, specversion, time, subject, traceparent, tracestate } = attributes;
  const headers = {
    ce_specversion: specversion,
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_time: time,
    ce_subject: subject,
    traceparent,
    tracestate,
    'content-type': 'application/json',
  };
  const present = Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    key: data.integration,
    headers: Object.fromEntries(present),
    body: new TextEncoder().encode(JSON.stringify(data)),
  };
}

/** @returns what the message says, or why it can't be read; never throws, for the topic is open to every service */
export function toFact({
  key,
  headers,
  body,
}: Pick<ReceivedMessage, 'key' | 'headers' | 'body'>): TelemetryFact | Unreadable {
  const type = headers['ce_type'] ?? '';
  const read = READERS.get(type);
  if (read === undefined) return { unreadable: NAMES.has(nameOf(type)) ? 'unknown-version' : 'unknown-type' };
  if (!TelemetryHeaders.safeParse(headers).success) return { unreadable: 'headers' };
  if (body === null) return { unreadable: 'no-body' };
  const fact = read(parse(body));
  if (fact === null) return { unreadable: 'schema' };
  return fact.integration === key ? fact : { unreadable: 'key-differs' };
}

/** @returns true for what could not be read */
export const isUnreadable = (result: TelemetryFact | Unreadable): result is Unreadable =>
  'unreadable' in result;

type Reader = (data: unknown) => TelemetryFact | null;

const reader =
  <Data extends { readonly at: string }>(
    schema: z.ZodType<Data>,
    toFactOf: (data: Omit<Data, 'at'> & { readonly at: number }) => TelemetryFact,
  ): Reader =>
  (data) => {
    const parsed = schema.safeParse(data);
    return parsed.success ? toFactOf({ ...parsed.data, at: Date.parse(parsed.data.at) }) : null;
  };

const { ApiCall, ExtensionRun, PermissionUse, WorkflowRun } = telemetryMessages;
const READERS: ReadonlyMap<string, Reader> = new Map([
  ['kwanus.telemetry.api-call.v1', reader(ApiCall, (data) => ({ ...data, kind: 'api-call' }))],
  ['kwanus.telemetry.workflow-run.v1', reader(WorkflowRun, (data) => ({ ...data, kind: 'workflow-run' }))],
  [
    'kwanus.telemetry.permission-use.v1',
    reader(PermissionUse, (data) => ({ ...data, kind: 'permission-use' })),
  ],
  [
    'kwanus.telemetry.extension.v1',
    reader(ExtensionRun, ({ target, ...data }) => ({
      ...data,
      ...(target === undefined ? {} : { target }),
      kind: 'extension',
    })),
  ],
]);

/** `kwanus.telemetry.api-call.v1` → `kwanus.telemetry.api-call` */
const nameOf = (type: string): string => type.replace(/\.v[1-9]\d*$/, '');
const NAMES: ReadonlySet<string> = new Set([...READERS.keys()].map(nameOf));

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
