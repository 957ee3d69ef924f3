import {
  jsonLines,
  type UnidentifiedComponent,
  type UnusedStatement,
  type VulnerableComponent,
} from '@kwanus/checks-kit';
import type { ReadBill } from './bill.js';

/** What is shown with its line. */
export interface Placed {
  readonly vulnerable: readonly VulnerableComponent[];
  readonly unidentified: readonly UnidentifiedComponent[];
  readonly unused: readonly UnusedStatement[];
}

interface Place {
  readonly path: string;
  readonly pointer: string;
}

/** @returns the same with the lines of their places; each file is gone through once */
export function withLines(
  bills: readonly ReadBill[],
  documents: ReadonlyMap<string, string>,
  placed: Placed,
): Placed {
  const texts = new Map([...documents, ...bills.map(({ path, text }) => [path, text] as const)]);
  const places: readonly Place[] = [
    ...placed.vulnerable,
    ...placed.unidentified,
    ...placed.unused,
    ...placed.vulnerable.flatMap(({ statement }) => statement ?? []),
  ];
  const lines = new Map(
    [...texts].map(([path, text]) => {
      const pointers = new Set(places.filter((place) => place.path === path).map(({ pointer }) => pointer));
      return [path, pointers.size === 0 ? new Map<string, number>() : jsonLines(text, pointers)];
    }),
  );
  const lined = <One extends Place>(one: One): One & { readonly line: number | null } => ({
    ...one,
    line: lines.get(one.path)?.get(one.pointer) ?? null,
  });
  return {
    vulnerable: placed.vulnerable.map((one) => ({
      ...lined(one),
      statement: one.statement === null ? null : lined(one.statement),
    })),
    unidentified: placed.unidentified.map(lined),
    unused: placed.unused.map(lined),
  };
}
