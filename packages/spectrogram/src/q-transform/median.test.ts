import { describe, expect, it } from 'vitest';
import { createMedianFinder } from './median.js';

const scrambled = (n: number) =>
  Float32Array.from({ length: n }, (_, i) => ((i * 7919 + 13) % n) / 4);

const median = createMedianFinder(5001);

describe('createMedianFinder', () => {
  it.each([1, 2, 3, 10, 601, 4096, 5001])('is the middle of %i values', (n) => {
    const values = scrambled(n);
    const sorted = Float32Array.from(values).sort();
    const expected = n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
    const before = Float32Array.from(values);
    expect(median(values, 0, n)).toBe(expected);
    expect(values).toEqual(before);
  });

  it('looks at the values asked for only', () => {
    expect(median(Float32Array.of(99, 3, 1, 2, 99), 1, 3)).toBe(2);
  });

  it('takes two middle values of very different size', () => {
    expect(median(Float32Array.of(1e-12, 4, 1e12, 0), 0, 4)).toBeCloseTo(2, 6);
    expect(median(Float32Array.of(0, 8), 0, 2)).toBe(4);
  });

  it('takes equal values and zeros', () => {
    expect(median(new Float32Array(2000).fill(7), 0, 2000)).toBe(7);
    expect(median(new Float32Array(20), 0, 20)).toBe(0);
  });
});
