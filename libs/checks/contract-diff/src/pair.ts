import type { Comparison } from './report.js';
import type { Shape } from './shape.js';
import type { SchemaNode } from './structure.js';
import type { ContractFinding, Level, Place } from './types.js';

/** Two shapes at one place. */
export interface Pair {
  readonly base: Shape;
  readonly revision: Shape;
  readonly place: Place;
}

/** What goes on from one pair of schemas to those inside. */
export interface Walk {
  readonly comparison: Comparison;
  readonly compare: (base: SchemaNode, revision: SchemaNode, place: Place, depth: number) => void;
  /** @returns what would be reported; nothing of it is kept */
  readonly tried: (base: SchemaNode, revision: SchemaNode, place: Place) => readonly ContractFinding[];
  /** @returns how much would be reported; what breaks counts before what does not */
  readonly costOf: (base: SchemaNode, revision: SchemaNode, place: Place) => number;
}

/** A pair on the way, and how deep it lies. */
export interface Step {
  readonly walk: Walk;
  readonly pair: Pair;
  readonly depth: number;
}

/** Reports one thing about the values of a place. */
export const say = (
  comparison: Comparison,
  { place, revision }: Pair,
  [what, level, text]: readonly [string, Level, string],
): void =>
  comparison.report(`${place.kind}-${what}`, level, {
    pointer: revision.pointer,
    subject: place.label,
    text: `${place.label}: ${text}`,
  });

/** @returns the schema that lets everything through */
export const anyNode = ({ pointer }: Shape): SchemaNode => ({ schema: true, pointer });

const PROPERTY_KINDS: Readonly<Record<Place['kind'], Place['kind']>> = {
  'request-parameter': 'request-parameter-property',
  'request-parameter-property': 'request-parameter-property',
  'request-body': 'request-property',
  'request-property': 'request-property',
  'response-body': 'response-property',
  'response-property': 'response-property',
  'response-header': 'response-header',
};

/** @returns the place of what is inside under a name */
export const inner = ({ place }: Pair, name: string, required = false): Place => ({
  kind: PROPERTY_KINDS[place.kind],
  direction: place.direction,
  label: `${place.label}/${name}`,
  asText: false,
  required,
});

/** @returns the same place with data flowing the other way: what is narrower inside `not` is wider outside */
export const turned = (place: Place): Place => ({
  ...place,
  direction: place.direction === 'request' ? 'response' : 'request',
});
