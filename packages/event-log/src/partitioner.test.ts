import { describe, expect, test } from 'vitest';
import { murmur2, partitionOfKey } from './partitioner.js';

// Vectors of Kafka's own UtilsTest.testMurmur2.
const vectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('murmur2', () => {
  test.each(vectors)('%s hashes as in the Java client', (text, hash) => {
    expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
  });

  test('a key keeps to one partition below the count, bytes above 127 included', () => {
    for (const key of ['', 'a', 'H1-1187008882', 'Łódź', '☃']) {
      const partition = partitionOfKey(key, 7);
      expect(partition).toBe(partitionOfKey(key, 7));
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
    expect(partitionOfKey('21', 4)).toBe((-973932308 & 0x7fffffff) % 4);
  });
});
