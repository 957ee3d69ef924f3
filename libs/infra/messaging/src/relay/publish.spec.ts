import { describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '@kwanus/event-store';
import { CloudEvent, Kafka } from 'cloudevents';
import { publishAs, toMessage } from './publish.js';

const event: StoredEvent = {
  position: { epoch: 1, xid: '7', globalPosition: '9' },
  tenantId: 'default',
  streamId: 'integration-acme.crm',
  streamType: 'integration',
  version: 3,
  routingKey: 'acme.crm',
  eventId: '019ab0c4-93a6-7c1e-8f4e-0d9c4f4a3b21',
  type: 'ReleaseWithdrawn',
  schemaVersion: 1,
  data: { integrationId: 'acme.crm', release: '1.0.0', reason: 'Ärger 💥' },
  metadata: {
    actor: { id: 'person:a', kind: 'person' },
    correlationId: '019ab0c4-93a6-7c1e-8f4e-0d9c4f4a3b22',
    causationId: '019ab0c4-93a6-7c1e-8f4e-0d9c4f4a3b23',
    commandId: '019ab0c4-93a6-7c1e-8f4e-0d9c4f4a3b24',
    commandIndex: 0,
    routingKey: 'acme.crm',
    playbookVersion: '1.0',
  },
  occurredAt: '2026-11-23T10:00:00.123456Z',
  recordedAt: '2026-11-23T10:00:00.223456Z',
  prevHash: 'a'.repeat(64),
  hash: 'b'.repeat(64),
};

describe('an event as a message', () => {
  it('has the headers that the CloudEvents library gives it in binary mode', () => {
    const publisher = publishAs('kwanus.integration');
    const { headers, body } = toMessage(event, { name: 'intake', topic: 'kwanus.integration', publisher });
    const theirs = Kafka.binary(
      new CloudEvent({
        id: event.eventId,
        type: 'kwanus.integration.release-withdrawn.v1',
        source: 'kwanus/intake',
        time: event.occurredAt,
        datacontenttype: 'application/json',
        data: event.data,
        streamid: event.streamId,
        streamversion: event.version,
        prevhash: event.prevHash,
        eventhash: event.hash,
        correlationid: event.metadata.correlationId,
        causationid: '019ab0c4-93a6-7c1e-8f4e-0d9c4f4a3b23',
        playbookversion: '1.0',
      }),
    );
    // The library writes the content type twice, numbers as they are, and what is not set as undefined.
    const { ce_datacontenttype: _, ...expected } = theirs.headers as Record<string, string>;
    expect(headers).toEqual({ ...JSON.parse(JSON.stringify(expected)), ce_streamversion: '3' });
    expect(JSON.parse(String(body))).toEqual(event.data);
  });
});
