import type { Json } from '@kwanus/kernel';

/** What a workflow sends has parts that are only known when it runs. */
export interface Unknowns {
  /** Nothing is known of the value: it fits whatever is asked for. */
  readonly is: (value: Json) => boolean;
  /** Nothing is known of it, or of something in it. */
  readonly within: (value: Json) => boolean;
}

/** A value that a document gives as a sample, and the schema that it says the value has. */
export interface Sample {
  readonly value: Json;
  readonly pointer: string;
  readonly schema: Json;
  /** Where the sample is a whole message; null for samples inside a schema, which may go both ways. */
  readonly direction: 'request' | 'response' | null;
  /**
   * Given where the value is what a workflow sends. Only what is certain is a fault then: whatever stands for the unknown parts, and
   * although servers fill in defaults and pass over what is read-only.
   */
  readonly unknown?: Unknowns;
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
  /** The value is what a workflow sends. */
  readonly isSent: boolean;
  /** Something in the value is not known: that it shows no fault does not say that it fits. */
  readonly isOpen: (value: Json) => boolean;
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

const LONGEST_SHOWN = 60;

/** @returns the value as a reader would write it, shortened; never longer in the making than what is shown */
export const shown = (value: Json): string => {
  const text = written(value, true);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
};

function written(value: Json, isWhole: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    const entries = isWhole ? (value as readonly Json[]).slice(0, LONGEST_SHOWN) : [];
    return `[${isWhole ? entries.map((entry) => written(entry, false)).join() : '…'}]`;
  }
  const entries = isWhole ? Object.entries(value).slice(0, LONGEST_SHOWN) : [];
  const named = entries.map(
    ([name, entry]) => `${JSON.stringify(name.slice(0, LONGEST_SHOWN))}:${written(entry, false)}`,
  );
  return `{${isWhole ? named.join() : '…'}}`;
}
