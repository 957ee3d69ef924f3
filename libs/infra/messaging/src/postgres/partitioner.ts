import murmurhash from 'murmurhash';

const KAFKA_SEED = 0x9747b28c;

/** @returns the partition that Kafka's default partitioner gives a key: murmur2 of its UTF-8 bytes, sign cut off, modulo */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmurhash.v2(key, KAFKA_SEED) & 0x7fffffff) % partitions;
