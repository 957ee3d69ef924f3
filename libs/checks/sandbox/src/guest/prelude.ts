import type { Json } from '@kwanus/kernel';
import { guestClock } from './clock.js';
import { guestCode } from './code.js';
import { guestElements } from './elements.js';
import { guestLanguage } from './language.js';
import { guestNetwork } from './network.js';
import { guestPage } from './page.js';
import { guestPlatform } from './platform.js';
import { guestTools } from './tools.js';

/** What a pass is run with. */
export interface PreludeOptions {
  /** Whether what is called answers, or refuses. */
  readonly answers: 'given' | 'refused';
  readonly startMs: number;
  readonly events: readonly { readonly type: string; readonly data: Json }[];
}

/**
 * @returns the text of a function `(note, compute) => {drive, next}` that builds the platform inside the interpreter: `drive(module, kind)`
 * calls the entry, `next()` whatever waits, until it is false
 */
export const preludeOf = ({
  answers,
  startMs,
  events,
}: PreludeOptions): string => `(function (note, compute) {
'use strict';
const tools = (${String(guestTools)})({ note, compute, answers: ${JSON.stringify(answers)}, startMs: ${startMs} });
(${String(guestLanguage)})(tools);
const tick = (${String(guestClock)})(tools);
(${String(guestCode)})(tools);
(${String(guestNetwork)})(tools);
const elements = (${String(guestElements)})(tools);
const root = (${String(guestPage)})(tools, elements);
const platform = (${String(guestPlatform)})(tools, root, JSON.parse(${JSON.stringify(JSON.stringify(events.map((event, at) => eventOf(event, at, startMs))))}));
tools.define(globalThis, 'kwanus', platform.kwanus);
return { drive: platform.drive, next: () => tools.takeLater() || tick() };
})`;

const eventOf = (
  { type, data }: PreludeOptions['events'][number],
  at: number,
  startMs: number,
): Readonly<Record<string, Json>> => ({
  specversion: '1.0',
  id: `sample-${at + 1}`,
  source: 'kwanus:sandbox',
  type,
  time: new Date(startMs).toISOString(),
  data,
});
