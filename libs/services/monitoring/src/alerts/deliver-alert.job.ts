import { createHmac } from 'node:crypto';
import type { EventStore, JobHandler, Jobs, Reaction, StoredEvent } from '@kwanus/event-store';
import type { Clock, JsonObject } from '@kwanus/kernel';
import { becauseOf } from '../monitoring-streams.js';

/** Where alerts are delivered. */
export interface AlertWebhook {
  readonly url: string;
  /** Key of the signature; the receiver has the same. */
  readonly secret: string;
  /** How long the receiver may take; default 5 s. */
  readonly timeoutMs?: number;
}

/** @returns the webhook of a configuration as an option of the module; nothing where none is named */
export const alertWebhookOf = (config: {
  readonly alertWebhookUrl: string | undefined;
  readonly alertWebhookSecret: string | undefined;
}): { readonly alertWebhook?: AlertWebhook } => {
  const { alertWebhookUrl: url, alertWebhookSecret: secret } = config;
  return url === undefined || secret === undefined ? {} : { alertWebhook: { url, secret } };
};

/** The receiver did not take the alert. */
export class AlertNotTaken extends Error {
  override readonly name = 'AlertNotTaken';
  readonly code = 'unavailable';
}

const KIND = 'deliver-alert';
const ATTEMPTS = 8;
const TIMEOUT_MS = 5_000;
const TAKEN: ReadonlySet<string> = new Set(['AlertRaised', 'AlertAcknowledged', 'AlertResolved']);

/** Asks for the delivery of what happens to alerts. */
export const alertNews = (jobs: Jobs): Reaction => ({
  name: 'monitoring.alert-delivery',
  handle: async (event) => {
    if (!TAKEN.has(event.type)) return;
    await jobs.enqueue({ id: event.eventId, kind: KIND, payload: messageOf(event) });
  },
});

/**
 * Posts the event to the webhook: `kwanus-delivery` names it (the same for every attempt), `kwanus-timestamp` is Unix seconds,
 * `kwanus-signature` is `v1=` and the HMAC-SHA256 of timestamp, a full stop, and the body. Anything but 2xx is tried again.
 */
export const deliverAlert = (webhook: AlertWebhook, store: EventStore, clock: Clock): JobHandler => ({
  kind: KIND,
  leaseMs: 4 * (webhook.timeoutMs ?? TIMEOUT_MS),
  maxAttempts: ATTEMPTS,
  run: async ({ id, payload }, signal) => {
    await post(
      webhook,
      { id, body: JSON.stringify(payload), timestamp: Math.floor(clock.now() / 1_000) },
      signal,
    );
    await record(store, 'AlertDelivered', id, payload);
  },
  exhausted: ({ id, payload }) => record(store, 'AlertDeliveryFailed', id, payload),
});

/** @returns the signature header for a body sent at that time */
export const signatureOf = (secret: string, timestamp: number, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

async function post(
  { url, secret, timeoutMs = TIMEOUT_MS }: AlertWebhook,
  { id, body, timestamp }: { readonly id: string; readonly body: string; readonly timestamp: number },
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    headers: {
      'content-type': 'application/json',
      'kwanus-delivery': id,
      'kwanus-timestamp': String(timestamp),
      'kwanus-signature': signatureOf(secret, timestamp, body),
    },
    body,
  });
  await response.body?.cancel();
  if (!response.ok)
    throw new AlertNotTaken(`The webhook answered ${response.status}; an alert is taken by a 2xx.`);
}

async function record(store: EventStore, type: string, id: string, payload: JsonObject): Promise<void> {
  const { alertId, integrationId, event } = payload as {
    alertId: string;
    integrationId: string;
    event: string;
  };
  await store.append({
    streamId: `delivery-${alertId}`,
    streamType: 'delivery',
    routingKey: integrationId,
    expectedVersion: 'any',
    events: [{ type, data: { integrationId, alertId, event, delivery: id } }],
    metadata: becauseOf(`${type} ${id}`, id),
  });
}

const messageOf = ({ type, data, recordedAt }: StoredEvent): JsonObject => ({
  ...data,
  event: type,
  alertId: data['alertId'] ?? null,
  integrationId: data['integrationId'] ?? null,
  at: recordedAt,
});
