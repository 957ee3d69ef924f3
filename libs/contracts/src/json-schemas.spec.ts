import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EventHeaders, TelemetryHeaders } from './envelope.js';
import { messageJsonSchemas } from './json-schemas.js';

const folder = join(import.meta.dirname, '../schemas');
const committed = readdirSync(folder).filter((file) => file.endsWith('.json'));

describe('JSON Schemas of the messages', () => {
  it('stand in libs/contracts/schemas, one for every type and no other', () => {
    expect(committed.map((file) => file.replace('.json', '')).sort()).toEqual(
      Object.keys(messageJsonSchemas()).sort(),
    );
  });

  it.each(committed)('are what the code says: %s (else: npm run contracts)', (file) => {
    expect(messageJsonSchemas()[file.replace('.json', '')]).toEqual(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
  });
});

describe('A consumer', () => {
  const closed = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (('additionalProperties' in value && value.additionalProperties === false) ||
      Object.values(value).some(closed));

  it('lets properties through that no schema names yet, at every depth', () => {
    const shut = Object.entries(messageJsonSchemas()).filter(([, schema]) => closed(schema));
    expect(shut.map(([type]) => type)).toEqual([]);
  });

  const uuid = '01976f1e-8f2b-7c11-9d7e-3a5b8c2d4e6f';
  const telemetry = { ce_specversion: '1.0', ce_id: 'a', ce_source: 'acme/checkout', ce_type: '' };
  const event = {
    ...telemetry,
    ce_id: uuid,
    ce_source: 'kwanus/rollout',
    ce_time: '2026-11-23T10:00:00Z',
    ce_streamid: 'rollout-1',
    ce_streamversion: '1',
    ce_prevhash: '0'.repeat(64),
    ce_eventhash: 'f'.repeat(64),
    ce_correlationid: uuid,
  };

  it.each([
    ['a version that is to come', 'kwanus.rollout.paused.v2', 'kwanus.telemetry.api-call.v2', true],
    ['a type that is to come', 'kwanus.rollout.thought-over.v1', 'kwanus.telemetry.guess.v1', true],
    ['no version', 'kwanus.rollout.paused', 'kwanus.telemetry.api-call', false],
    ['what is no type', 'Paused!.v1', 'constructor', false],
  ])(
    'can place a message by its headers, before it knows its type: %s',
    (_, ofEvent, ofTelemetry, placed) => {
      const more = { 'x-of-tomorrow': 'y' };
      expect([
        EventHeaders.safeParse({ ...event, ce_type: ofEvent, ...more }).success,
        TelemetryHeaders.safeParse({ ...telemetry, ce_type: ofTelemetry, ...more }).success,
      ]).toEqual([placed, placed]);
    },
  );
});
