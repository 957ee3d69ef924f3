import { kebab, MESSAGE_TYPES } from '@kwanus/contracts';
import type { StoredEvent } from '@kwanus/event-store';
import type { PublishedForm, Publisher } from '../consumer.port.js';
import type { TransportMessage } from '../transport.port.js';
import { UnpublishableEvent } from './errors.js';

/** Who publishes, and where to. */
export interface PublishingService {
  /** `intake` */
  readonly name: string;
  /** `kwanus.integration` */
  readonly topic: string;
  readonly publisher: Publisher;
}

/**
 * The usual publisher: `ValidationRequested` goes out as `<topic>.validation-requested.v1` with its data as it stands.
 * @param internal types that don't leave the service
 */
export const publishAs = (topic: string, internal: readonly string[] = []): Publisher => {
  const hidden = new Set(internal);
  return ({ type, schemaVersion, data }) =>
    hidden.has(type) ? null : { topic, type: `${topic}.${kebab(type)}.v${schemaVersion}`, data };
};

/** Stream types of what the libraries themselves record: they never leave a service. */
const OWN_STREAM_TYPES: ReadonlySet<string> = new Set(['log', 'consumer']);

/**
 * The form in which a stored event leaves: as its service's publisher says, checked against libs/contracts, or withheld.
 * @throws UnpublishableEvent
 */
export function publishedForm(event: StoredEvent, service: PublishingService): PublishedForm {
  const { type, schemaVersion, data } = event;
  const form = OWN_STREAM_TYPES.has(event.streamType)
    ? null
    : service.publisher({ type, schemaVersion, data });
  if (form === null) return { topic: service.topic, type: `kwanus.${service.name}.withheld.v1`, data: {} };
  const known = MESSAGE_TYPES[form.type];
  if (known === undefined)
    throw new UnpublishableEvent(
      `${event.type} of ${event.streamId} should go out as ${form.type}, which libs/contracts does not know. Add its schema to the registry, or let the publisher return null for it.`,
    );
  const checked = known.schema.safeParse(form.data);
  if (!checked.success)
    throw new UnpublishableEvent(
      `${event.type} of ${event.streamId}, version ${event.version}, does not fit the schema of ${form.type}: ${checked.error.issues
        .map(({ path, message }) => `/${path.join('/')}: ${message}`)
        .join('; ')}`,
    );
  return form;
}

/**
 * A stored event as the one message that stands for it: CloudEvents 1.0, binary mode. Its headers are written here, not by the
 * `cloudevents` library, which takes as long for one as everything else that the relay does with it.
 * @throws UnpublishableEvent
 */
export function toMessage(
  event: StoredEvent,
  service: PublishingService,
): TransportMessage & { topic: string } {
  const form = publishedForm(event, service);
  const { correlationId, causationId, playbookVersion, traceparent } = event.metadata;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.eventId,
    ce_type: form.type,
    ce_source: `kwanus/${service.name}`,
    ce_time: event.occurredAt,
    ce_streamid: event.streamId,
    ce_streamversion: String(event.version),
    ce_prevhash: event.prevHash,
    ce_eventhash: event.hash,
    ce_correlationid: correlationId,
  };
  if (causationId !== null) headers['ce_causationid'] = causationId;
  if (playbookVersion !== undefined) headers['ce_playbookversion'] = playbookVersion;
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  return {
    topic: form.topic,
    key: event.routingKey,
    headers,
    body: Buffer.from(JSON.stringify(form.data), 'utf8'),
  };
}
