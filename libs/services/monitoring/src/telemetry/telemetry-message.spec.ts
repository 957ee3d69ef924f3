import { describe, expect, it } from '@jest/globals';
import { monitoringHttp } from '@kwanus/contracts';
import { isUnreadable, type TelemetryEvent, toFact, toMessage } from './telemetry-message.js';

const origin = {
  integration: 'acme.orders',
  release: '1.3.0',
  workspace: 'w-1',
  at: '2026-11-23T10:00:00.250Z',
};
const envelope = { specversion: '1.0', id: 't-1', source: 'kwanus/gateway' } as const;
const call: TelemetryEvent = {
  ...envelope,
  type: 'kwanus.telemetry.api-call.v1',
  data: { ...origin, operation: 'getOrder', status: 200, durationMs: 12 },
};

describe('A piece of telemetry', () => {
  it.each<[string, TelemetryEvent, object]>([
    ['api-call', call, { operation: 'getOrder', status: 200 }],
    [
      'workflow-run',
      {
        ...envelope,
        type: 'kwanus.telemetry.workflow-run.v1',
        data: { ...origin, workflow: 'order-sync', outcome: 'timed-out', durationMs: 1 },
      },
      { workflow: 'order-sync', outcome: 'timed-out' },
    ],
    [
      'permission-use',
      {
        ...envelope,
        type: 'kwanus.telemetry.permission-use.v1',
        data: { ...origin, permission: 'orders:read', resource: 'order/7', decision: 'denied' },
      },
      { permission: 'orders:read', decision: 'denied' },
    ],
    [
      'extension',
      {
        ...envelope,
        type: 'kwanus.telemetry.extension.v1',
        data: { ...origin, extension: 'panel', outcome: 'denied', durationMs: 3, target: 'evil.example' },
      },
      { extension: 'panel', target: 'evil.example' },
    ],
  ])('[PB-2.6] goes over the topic and comes back: %s', (kind, event, expected) => {
    const message = toMessage(event);
    expect(message.key).toBe('acme.orders');
    expect(message.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 't-1',
      ce_source: 'kwanus/gateway',
      ce_type: event.type,
      'content-type': 'application/json',
    });
    expect(toFact(message)).toMatchObject({ kind, at: Date.UTC(2026, 10, 23, 10, 0, 0, 250), ...expected });
  });

  it.each<[string, Partial<ReturnType<typeof toMessage>>, string]>([
    ['of an unknown type', { headers: { ce_type: 'kwanus.telemetry.guess.v1' } }, 'unknown-type'],
    ['of a type that every object has', { headers: { ce_type: 'constructor' } }, 'unknown-type'],
    [
      'of a version that is to come',
      { headers: { ce_type: 'kwanus.telemetry.api-call.v2' } },
      'unknown-version',
    ],
    ['without an id', { headers: { ...toMessage(call).headers, ce_id: '' } }, 'headers'],
    ['of another CloudEvents', { headers: { ...toMessage(call).headers, ce_specversion: '0.3' } }, 'headers'],
    ['without a body', { body: null }, 'no-body'],
    ['that is not JSON', { body: new TextEncoder().encode('{') }, 'schema'],
    ['that is not UTF-8', { body: new Uint8Array([0xff]) }, 'schema'],
    ['under the key of another integration', { key: 'beta.bills' }, 'key-differs'],
  ])('is refused and named: a message %s', (_case, over, reason) => {
    const result = toFact({ ...toMessage(call), ...over });
    expect(isUnreadable(result) && result.unreadable).toBe(reason);
  });

  it.each([
    ['a field that nobody knows', { ...call, data: { ...call.data, extra: 1 } }, ['data']],
    [
      'a control character in a name',
      { ...call, data: { ...call.data, operation: 'get\u0000' } },
      ['data', 'operation'],
    ],
    [
      'the name that monitoring adds up under',
      { ...call, data: { ...call.data, operation: '(other)' } },
      ['data', 'operation'],
    ],
    [
      'a status that HTTP does not have',
      { ...call, data: { ...call.data, status: 700 } },
      ['data', 'status'],
    ],
    ['a time without UTC', { ...call, data: { ...call.data, at: '2026-11-23T10:00:00' } }, ['data', 'at']],
  ])('is not taken with %s', (_case, event, path) => {
    const result = monitoringHttp.TelemetryBatch.safeParse([call, event]);
    expect(result.error?.issues[0]?.path).toEqual([1, ...path]);
  });
});
