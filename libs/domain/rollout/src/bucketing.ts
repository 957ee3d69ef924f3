import murmurhash from 'murmurhash';

/** Buckets are hundredths of a percent. */
export const BUCKETS = 10_000;

/**
 * Where a subject stands, for the whole life of a rollout: murmur3 (x86, 32 bit, seed 0) of the UTF-8 bytes of `salt:targetingKey`.
 * @param salt the same as long as the cohort is to be the same
 * @param targetingKey the workspace
 * @returns 0 to 9999
 */
export const bucketOf = (salt: string, targetingKey: string): number =>
  murmurhash.v3(`${salt}:${targetingKey}`, 0) % BUCKETS;

/**
 * Raising the percentage only adds buckets; lowering it takes the newest away.
 * @param percent 0 to 100, hundredths count
 */
export const isExposed = (bucket: number, percent: number): boolean => bucket < Math.round(percent * 100);
