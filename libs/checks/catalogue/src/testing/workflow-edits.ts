import { type Case, flow } from './audit-cases.js';
import { goesOn, type Loose, push, put } from './edited-submission.js';

/** Parts of the minimal workflow, and of what the manifest says of it, that tests edit. */
export const register = (w: Loose): Loose | undefined => w['do']?.[0]?.['register'];
export const send = (w: Loose): Loose | undefined => register(w)?.['try']?.[0]?.['send'];
export const caught = (w: Loose): Loose | undefined => register(w)?.['catch'];
export const declared = (m: Loose): Loose | undefined => m['workflows']?.[0];
export const handler = (m: Loose): Loose | undefined => declared(m)?.['handlers']?.[0];
export const parked = (m: Loose): Loose | undefined => m['fallback']?.[0];

export const adding = (...tasks: readonly object[]): Case => flow((w) => push(w['do'], ...tasks));
export const switching = (...cases: readonly object[]): object => ({ choose: { switch: cases } });
export const one = { one: goesOn('end', { when: '${ .a }' }) };
export const publishing =
  (...types: readonly string[]) =>
  (m: Loose): void =>
    put(m['events'], { publishes: types.map((type) => ({ type })) });
