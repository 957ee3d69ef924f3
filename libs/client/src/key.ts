import { randomUUID } from 'node:crypto';

/** @returns an Idempotency-Key that nobody used before */
export const freshKey = (): string => randomUUID();
