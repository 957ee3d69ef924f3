import type { Json, JsonObject } from '@kwanus/kernel';
import type { LabelledPair } from '../corpus.js';
import type { Label } from '../rule-table.js';
import type { Loose } from '../sites.js';

/** Two forms of a schema, and why a client can or can't tell them apart; null: the written rule does not decide it. */
export interface SchemaReading {
  readonly why: string;
  readonly base: Json;
  readonly revision: Json;
  readonly sent: Label | null;
  readonly received: Label | null;
  readonly versions?: readonly [string, string];
  readonly components?: readonly [Loose, Loose];
}
export type SchemaReadings = Readonly<Record<string, SchemaReading>>;

/** Two forms of a contract, and why a client can or can't tell them apart. */
export interface ContractReading {
  readonly why: string;
  readonly base: JsonObject;
  readonly revision: JsonObject;
  readonly label: Label;
}
export type ContractReadings = Readonly<Record<string, ContractReading>>;

export const text: Loose = { type: 'string' };
export const whole: Loose = { type: 'integer' };
export const object = (properties: Loose, more: Loose = {}): Loose => ({
  type: 'object',
  properties,
  ...more,
});
export const to = (name: string): Loose => ({ $ref: `#/components/schemas/${name}` });

function contractWith(side: 'sent' | 'received', schema: Json, version: string, schemas: Loose): JsonObject {
  const content = { content: { 'application/json': { schema: object({ a: schema }) } } };
  return {
    openapi: version,
    info: { title: 't', version: '1' },
    paths: {
      '/x': {
        post: {
          ...(side === 'sent' ? { requestBody: { required: true, ...content } } : {}),
          responses: { 200: { description: 'd', ...(side === 'received' ? content : {}) } },
        },
      },
    },
    components: { schemas },
  };
}

export const pairsOfSchemas = (readings: SchemaReadings): readonly LabelledPair[] =>
  Object.entries(readings).flatMap(([name, reading]) =>
    (['sent', 'received'] as const).flatMap((side) => {
      const label = reading[side];
      const [before, after] = reading.versions ?? ['3.1.0', '3.1.0'];
      const [old, recent] = reading.components ?? [{}, {}];
      if (label === null) return [];
      return [
        {
          name: `${name}, ${side}: ${reading.why}`,
          rule: name,
          base: contractWith(side, reading.base, before, old),
          revision: contractWith(side, reading.revision, after, recent),
          label,
          operation: 'POST /x',
        },
      ];
    }),
  );

export const pairsOfContracts = (readings: ContractReadings): readonly LabelledPair[] =>
  Object.entries(readings).map(([name, { why, base, revision, label }]) => ({
    name: `${name}: ${why}`,
    rule: name,
    base,
    revision,
    label,
    operation: null,
  }));
