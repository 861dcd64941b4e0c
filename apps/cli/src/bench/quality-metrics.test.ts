import { describe, expect, it } from 'vitest';
import { mcnemar, neighbourQuality } from './quality-metrics.js';

const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

describe('neighbourQuality', () => {
  it('scores by the nearest other, whatever the length of the vectors', () => {
    const vectors = [0, 10, 90, 100, 15, 200].map(at).map((v) => v.map((x) => 3 * x));
    const labels = ['a', 'a', 'b', 'b', 'b', 'alone'];
    const quality = neighbourQuality(vectors, labels);
    // The b at 15 degrees has an a nearest, and so has the a at 10 a b: 3 of 5 are right.
    expect(quality.scored).toBe(5);
    expect(quality.hits).toEqual([true, false, true, true, false]);
    expect(quality.accuracy).toBeCloseTo(3 / 5);
    expect(quality.balancedAccuracy).toBeCloseTo((1 / 2 + 2 / 3) / 2);
    // Average precisions: 1; 1/2; b at 90: 100 first, 15 second: 1; b at 100: 1; b at 15: ranks 3, 4.
    expect(quality.meanAveragePrecision).toBeCloseTo((1 + 1 / 2 + 1 + 1 + (1 / 3 + 2 / 4) / 2) / 5);
  });
});

describe('mcnemar', () => {
  it('is the exact binomial test of those that only one gets right', () => {
    const first = [true, true, true, true, true, false, true, false];
    const second = [false, false, false, false, false, true, true, false];
    // Five against one: 2 (1 + 6) / 64.
    expect(mcnemar(first, second)).toEqual({ firstOnly: 5, secondOnly: 1, pValue: 14 / 64 });
    expect(mcnemar(first, first).pValue).toBe(1);
  });
});
