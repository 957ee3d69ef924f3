import { own, ownText } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { DiffOptions } from './types.js';

/** @returns the day on which it ends, null where none is written; `x-sunset` may be a day or a moment */
export function sunsetOf(value: Json | undefined): string | null {
  const sunset = ownText(value, 'x-sunset') ?? ownText(value, 'sunset');
  return sunset !== undefined && isDay(sunset.slice(0, 10)) ? sunset.slice(0, 10) : null;
}

/** @returns true where something stands for a day and is none */
export const isNoDay = (value: Json | undefined): boolean =>
  (own(value, 'x-sunset') ?? own(value, 'sunset')) !== undefined && sunsetOf(value) === null;

const isDay = (text: string): boolean => {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
};

/** @returns true when it was deprecated with a day, and that day has come */
export const hasRunOut = (
  { deprecated, sunset }: { readonly deprecated: boolean; readonly sunset: string | null },
  { asOf }: DiffOptions,
): boolean => deprecated && sunset !== null && asOf !== undefined && sunset <= asOf.slice(0, 10);

/** @returns the days from one to the other */
export const daysBetween = (from: string, to: string): number =>
  Math.round(
    (Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / 86_400_000,
  );
