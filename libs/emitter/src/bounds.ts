import { telemetryMessages } from '@kwanus/contracts';
import * as z from 'zod';
import type { EmitterBounds } from './options.js';

const count = z.int().min(1);
const milliseconds = z.number().min(0);
const Bounds = z.object({
  source: z.string().min(1).max(500),
  batchSize: count.max(telemetryMessages.MAX_TELEMETRY_BATCH).default(200),
  flushMs: milliseconds.default(1_000),
  maxBuffered: count.default(10_000),
  maxAttempts: count.default(30),
  retryMs: milliseconds.default(500),
});
export type Bounds = z.infer<typeof Bounds>;

/**
 * @returns the bounds, with the defaults
 * @throws TypeError which one is impossible
 */
export function boundsOf(options: EmitterBounds): Bounds {
  const bounds = Bounds.safeParse(options);
  if (bounds.success) return bounds.data;
  throw new TypeError(
    bounds.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}
