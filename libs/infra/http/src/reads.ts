import type { Projections, ReadStreamOptions } from '@kwanus/event-store';
import { z } from 'zod';
import { HttpProblem } from './problem.js';
import { wholeNumber } from './whole-number.js';

const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const moment = z.iso.datetime({ offset: true });

/** `?minVersion=`: read what you wrote. Spread into the schema of a route's query. */
export const minVersionQuery = {
  minVersion: version.optional().meta({
    description:
      'Waits up to 2 s until the answer holds this version of the stream, else 503 with Retry-After.',
  }),
};

/** `?at=` and `?version=`: the past. Spread into the schema of a route's query. */
export const pastQuery = {
  at: moment.optional().meta({ description: 'As it was at this moment (RFC 3339).' }),
  version: version.optional().meta({ description: 'As it was at this version of the stream.' }),
};

/** @returns the slice of a stream that the query asks for. @throws HttpProblem validation-failed when it names both */
export function sliceOf(query: {
  readonly at?: string | undefined;
  readonly version?: number | undefined;
}): ReadStreamOptions {
  if (query.at !== undefined && query.version !== undefined)
    throw new HttpProblem('validation-failed', 'Name a moment or a version, not both.', {
      errors: [{ pointer: 'query:at', message: 'can’t stand beside `version`' }],
    });
  if (query.at !== undefined) return { at: query.at };
  return query.version === undefined ? {} : { toVersion: query.version };
}

/** How long a read waits for its read model. */
export const CATCH_UP_MS = 2_000;

/**
 * Waits until the read models hold the version that the caller has seen.
 * @throws HttpProblem not-caught-up (503, Retry-After 1) after 2 s
 */
export async function caughtUp(
  projections: Projections,
  streamId: string,
  minVersion: number | undefined,
): Promise<void> {
  if (minVersion === undefined) return;
  try {
    await projections.waitFor(streamId, minVersion, CATCH_UP_MS);
  } catch (cause) {
    throw new HttpProblem(
      'not-caught-up',
      `Version ${minVersion} is not readable yet. Try again in a second.`,
      {
        cause,
        retryAfter: 1,
      },
    );
  }
}
