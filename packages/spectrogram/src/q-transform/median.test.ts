import { describe, expect, it } from 'vitest';
import { medianInPlace } from './median.js';

const scrambled = (n: number) =>
  Float32Array.from({ length: n }, (_, i) => ((i * 7919 + 13) % n) / 4);

describe('medianInPlace', () => {
  it.each([1, 2, 3, 10, 601, 4096, 5001])('is the middle of %i values', (n) => {
    const values = scrambled(n);
    const sorted = Float32Array.from(values).sort();
    const expected = n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
    expect(medianInPlace(values, n)).toBe(expected);
  });

  it('looks at the first n values only', () => {
    expect(medianInPlace(Float32Array.of(3, 1, 2, 99, 99), 3)).toBe(2);
  });

  it('takes equal values', () => {
    expect(medianInPlace(new Float32Array(2000).fill(7), 2000)).toBe(7);
  });
});
