import { describe, expect, it } from '@jest/globals';
import murmurhash from 'murmurhash';
import { partitionOf } from './partitioner.js';

/** From UtilsTest.testMurmur2 of Apache Kafka. */
const OF_KAFKA: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('partitionOf', () => {
  it.each(OF_KAFKA)('gives %s the partition that Kafka gives it', (key, hash) => {
    expect(murmurhash.v2(Buffer.from(key), 0x9747b28c) | 0).toBe(hash);
    expect(partitionOf(Buffer.from(key), 6)).toBe((hash & 0x7fffffff) % 6);
  });

  it('takes the bytes of a key that is not ASCII', () => {
    expect(partitionOf(Buffer.from('ünï-✓'), 1000)).toBe(
      partitionOf(new TextEncoder().encode('ünï-✓'), 1000),
    );
    expect(partitionOf(Buffer.from('ünï-✓', 'utf8'), 1000)).not.toBe(
      partitionOf(Buffer.from('ünï-✓', 'latin1'), 1000),
    );
  });
});
