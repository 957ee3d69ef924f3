import { isObject, own, ownObject } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Task } from './workflow.js';

/** What a stubbed call answers when it does not answer 2xx. */
export const CALL_FAILURES = ['4xx', '5xx', 'timeout', 'invalid body', 'permission denied'] as const;

/** A failure under way, from the task that failed up to whatever catches it. */
export interface Failure {
  /** As it is drawn. */
  readonly name: string;
  /** What `fallback.on` may call it. */
  readonly words: readonly string[];
  /** Last segments of the error types of Serverless Workflow 1.0 that it may carry; null: unknown. */
  readonly types: readonly string[] | null;
  readonly status: (status: number) => boolean;
}

const isStatus =
  (...wanted: readonly number[]) =>
  (status: number): boolean =>
    wanted.includes(status);
const between =
  (from: number, to: number) =>
  (status: number): boolean =>
    status >= from && status < to;

const FAILURES: Readonly<Record<(typeof CALL_FAILURES)[number], Failure>> = {
  '4xx': { name: '4xx', words: ['4xx'], types: ['communication'], status: between(400, 500) },
  '5xx': { name: '5xx', words: ['5xx'], types: ['communication'], status: between(500, 600) },
  timeout: { name: 'timeout', words: ['timeout'], types: ['timeout'], status: isStatus(408) },
  'invalid body': {
    name: 'invalid body',
    words: ['invalid-body', 'schema-invalid'],
    types: ['validation'],
    status: isStatus(400),
  },
  'permission denied': {
    name: 'permission denied',
    words: ['permission-denied', '4xx'],
    types: ['authorization', 'authentication', 'communication'],
    status: isStatus(401, 403),
  },
};

/** @returns the failure that a stub answers with */
export const failureOf = (outcome: (typeof CALL_FAILURES)[number]): Failure => FAILURES[outcome];

/** @returns the failure that a `raise` raises; one that is only named may be of any type */
export function raisedBy({ value }: Task): Failure {
  const error = own(ownObject(value, 'raise'), 'error');
  const type = own(error, 'type');
  const status = own(error, 'status');
  return {
    name: 'raised error',
    words: ['raised-error', ...(typeof status === 'number' ? [`${Math.floor(status / 100)}xx`] : [])],
    types: typeof type === 'string' ? [lastSegment(type)] : null,
    status: (wanted) => typeof status !== 'number' || status === wanted,
  };
}

const lastSegment = (type: string): string => type.slice(type.lastIndexOf('/') + 1);

/** Whether a catch takes a failure; `perhaps` where that is only known when it runs. */
export type Caught = 'yes' | 'perhaps' | 'no';

/** @returns whether the `catch` takes the failure, by `errors.with`, `when` and `exceptWhen` */
export function catches(clause: Json | undefined, failure: Failure): Caught {
  if (!isObject(clause)) return 'no';
  const filter = ownObject(ownObject(clause, 'errors'), 'with');
  const answers = Object.entries(filter).map(([key, wanted]) => filtered(failure, key, wanted));
  if (answers.includes('no')) return 'no';
  const conditional = own(clause, 'when') !== undefined || own(clause, 'exceptWhen') !== undefined;
  return conditional || answers.includes('perhaps') ? 'perhaps' : 'yes';
}

function filtered(failure: Failure, key: string, wanted: unknown): Caught {
  if (key === 'type' && typeof wanted === 'string') {
    if (failure.types === null || wanted.includes('${')) return 'perhaps';
    return failure.types.includes(lastSegment(wanted)) ? 'yes' : 'no';
  }
  if (key === 'status' && typeof wanted === 'number') {
    if (!failure.status(wanted)) return 'no';
    return SINGLE.has(failure.name) ? 'yes' : 'perhaps';
  }
  return 'perhaps';
}

/** Failures of one status each. */
const SINGLE = new Set(['timeout', 'invalid body']);

/** @returns whether the cases of a declared fallback hold the failure; `error` holds all */
export function isCovered(on: readonly string[], { words }: Failure, start: string): boolean {
  const wanted = new Set(['error', cased(start), ...words]);
  return on.some((entry) => wanted.has(cased(entry)));
}

const cased = (word: string): string => word.toLowerCase().replaceAll(/[ _]/g, '-');
