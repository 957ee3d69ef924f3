import { kebab, MESSAGE_TYPES } from '@kwanus/contracts';
import type { StoredEvent } from '@kwanus/event-store';
import { CloudEvent, Kafka } from 'cloudevents';
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

/** A stored event as the one message that stands for it: CloudEvents 1.0, binary mode. @throws UnpublishableEvent */
export function toMessage(
  event: StoredEvent,
  service: PublishingService,
): TransportMessage & { topic: string } {
  const form = publishedForm(event, service);
  const { correlationId, causationId, playbookVersion, traceparent } = event.metadata;
  const cloudEvent = new CloudEvent({
    id: event.eventId,
    type: form.type,
    source: `kwanus/${service.name}`,
    time: event.occurredAt,
    datacontenttype: 'application/json',
    data: form.data,
    streamid: event.streamId,
    streamversion: event.version,
    prevhash: event.prevHash,
    eventhash: event.hash,
    correlationid: correlationId,
    ...(causationId === null ? {} : { causationid: causationId }),
    ...(playbookVersion === undefined ? {} : { playbookversion: playbookVersion }),
  });
  return {
    topic: form.topic,
    key: event.routingKey,
    headers: {
      ...definedHeaders(Kafka.binary(cloudEvent).headers),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    body: Buffer.from(JSON.stringify(form.data), 'utf8'),
  };
}

/** The library writes attributes that are not set as undefined: they must not go over the wire. */
const definedHeaders = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      (typeof value === 'string' || typeof value === 'number') && name !== 'ce_datacontenttype'
        ? [[name, String(value)]]
        : [],
    ),
  );
