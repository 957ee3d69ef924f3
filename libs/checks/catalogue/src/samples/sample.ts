import type { Json } from '@kwanus/kernel';

/** A value that a document gives as a sample, and the schema that it says the value has. */
export interface Sample {
  readonly value: Json;
  readonly pointer: string;
  readonly schema: Json;
  /** Where the sample is a whole message; null for samples inside a schema, which may go both ways. */
  readonly direction: 'request' | 'response' | null;
}

/** Why a value does not fit. */
export interface Fault {
  /** From the sample to the place inside it; '' for the sample itself. */
  readonly at: string;
  /** Continues "… ". */
  readonly text: string;
}

/** A value and what one schema says of it. */
export interface Judged<Schema = Json> {
  readonly value: Json;
  readonly schema: Schema;
  readonly at: string;
  /** Schemas that were gone through to come here. */
  readonly depth: number;
}

/** How one rule asks for what lies further in, or what takes time. */
export interface Judgement {
  readonly direction: Sample['direction'];
  readonly faultsOf: (judged: Judged) => readonly Fault[];
  /** @returns true also where the pattern can't be judged in linear time; that is remembered */
  readonly matches: (pattern: string, text: string) => boolean;
  /** @throws TooEntangled when all that may be spent is spent */
  readonly spend: (steps: number) => void;
}

/** The schemas of a sample lead too far, or round in a circle: nothing is known of it. */
export class TooEntangled extends Error {
  override readonly name = 'TooEntangled';
}

/** @returns the value as a reader would write it, shortened */
export const shown = (value: Json): string => {
  const text = JSON.stringify(value) ?? '';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};
