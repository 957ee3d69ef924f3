import type { Comparison } from './report.js';
import type { Shape } from './shape.js';
import type { Level, Place } from './types.js';

/** Two shapes at one place. */
export interface Pair {
  readonly base: Shape;
  readonly revision: Shape;
  readonly place: Place;
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
