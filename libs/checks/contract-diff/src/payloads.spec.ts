import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import { type ContractDiff, diffAsyncApi, diffPayloads, type PayloadMode } from './index.js';

const text = { type: 'string' };
const event = (required: string[], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { id: text, total: { type: 'number' }, ...more },
  required,
});
const [two, one] = [event(['id', 'total']), event(['id'])];

const breaks = ({ breaking }: ContractDiff): boolean => breaking;

describe('[PB-6.05] payloads', () => {
  it.each<readonly [PayloadMode, boolean, boolean]>([
    ['BACKWARD', true, false],
    ['FORWARD', false, true],
    ['FULL', true, true],
    ['NONE', false, false],
  ])(
    '%s: a field that must be there now breaks %s; one that may be missing now breaks %s',
    (mode, more, less) => {
      expect(breaks(diffPayloads([one], two, { mode }))).toBe(more);
      expect(breaks(diffPayloads([two], one, { mode }))).toBe(less);
      expect(diffPayloads([two], two, { mode })).toEqual({ breaking: false, findings: [], semver: 'patch' });
    },
  );

  it('looks at all earlier versions where it is transitive, else at the last', () => {
    const bases = [two, one];
    expect(breaks(diffPayloads(bases, two, { mode: 'BACKWARD' }))).toBe(false);
    expect(breaks(diffPayloads(bases, two, { mode: 'BACKWARD_TRANSITIVE' }))).toBe(true);
    expect(breaks(diffPayloads([one, two], one, { mode: 'FORWARD' }))).toBe(false);
    expect(breaks(diffPayloads([one, two], one, { mode: 'FORWARD_TRANSITIVE' }))).toBe(true);
    expect(breaks(diffPayloads(bases, two, { mode: 'FULL_TRANSITIVE' }))).toBe(true);
  });

  it('takes an optional field that comes as no harm in any mode', () => {
    const { breaking, semver } = diffPayloads([one], event(['id'], { note: text }), {
      mode: 'FULL_TRANSITIVE',
    });
    expect({ breaking, semver }).toEqual({ breaking: false, semver: 'minor' });
  });

  it('follows $defs, and leaves what stands beside $ref in draft-07', () => {
    const of = (schema: string, more: JsonObject = {}): JsonObject => ({
      $schema: schema,
      properties: { id: { $ref: '#/$defs/Id', ...more } },
      $defs: { Id: text },
    });
    const compare = (schema: string) =>
      breaks(diffPayloads([of(schema)], of(schema, { maxLength: 3 }), { mode: 'BACKWARD' }));
    expect(compare('https://json-schema.org/draft/2020-12/schema')).toBe(true);
    expect(compare('http://json-schema.org/draft-07/schema#')).toBe(false);
  });
});

describe('[PB-6.05] AsyncAPI', () => {
  const three = (messages: JsonObject): JsonObject => ({
    asyncapi: '3.0.0',
    channels: { orders: { messages } },
  });
  const older = (payload: JsonObject): JsonObject => ({
    asyncapi: '2.6.0',
    channels: { orders: { subscribe: { message: { name: 'created', payload } } } },
  });
  const ids = (base: JsonObject, revision: JsonObject, mode: PayloadMode = 'FORWARD') =>
    diffAsyncApi(base, revision, { mode }).findings.map(
      ({ level, id, operation }) => `${level} ${id} ${operation}`,
    );

  it('compares payloads by channel and name, whichever version writes them down', () => {
    expect(ids(three({ created: { payload: two } }), older(two))).toEqual([]);
    expect(ids(three({ created: { payload: two } }), three({ created: { payload: one } }))).toEqual([
      'error response-property-became-optional message orders created',
    ]);
    expect(ids(older(two), older(one), 'BACKWARD')).toEqual([
      'info request-property-became-optional message orders created',
    ]);
  });

  it('reports messages that went and came', () => {
    expect(ids(three({ created: { payload: one } }), three({ parked: { payload: one } }))).toEqual([
      'error message-removed message orders created',
      'info message-added message orders parked',
    ]);
  });

  it('leaves payloads of other languages alone', () => {
    const avro = (name: string): JsonObject =>
      three({
        created: { payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: { name } } },
      });
    expect(ids(avro('a'), avro('b'))).toEqual([]);
  });
});
