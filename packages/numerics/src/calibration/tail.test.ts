import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../rng.js';
import { fitTail, tailPValue } from './tail.js';
import { testUniform } from './uniformity.js';

function draw(n: number, one: (rng: Rng) => number, seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: n }, () => one(rng));
}

const exponential = (rng: Rng) => -Math.log(1 - rng.nextFloat());
const heavy = (rng: Rng) => (1 - rng.nextFloat()) ** -0.3;
const bounded = (rng: Rng) => 1 - (1 - rng.nextFloat()) ** 0.4;

describe('tailPValue', () => {
  it('is uniform on exchangeable scores', () => {
    for (const [i, one] of [exponential, heavy, bounded].entries()) {
      const sorted = draw(3_000, one, 10 + i).sort();
      const tail = fitTail(sorted);
      const fresh = draw(400, one, 20 + i).map((score) => tailPValue(sorted, tail, score));
      expect(testUniform(fresh).pValue).toBeGreaterThan(0.01);
    }
  });

  it('says within a factor of three how rare a score is that no calibration score reaches', () => {
    const rare = 1e-4;
    const scores: [(rng: Rng) => number, number][] = [
      [exponential, -Math.log(rare)],
      [heavy, rare ** -0.3],
    ];
    for (const [one, score] of scores) {
      const logs = Array.from({ length: 20 }, (_, seed) => {
        const sorted = draw(2_000, one, 100 + seed).sort();
        return Math.log10(tailPValue(sorted, fitTail(sorted), score) / rare);
      }).sort((a, b) => a - b);
      expect(Math.abs(logs[10]!)).toBeLessThan(Math.log10(3));
    }
  });

  it('never rises with the score, and has no step at the joint', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (seed, score, more) => {
          const sorted = draw(200, exponential, seed).sort();
          const tail = fitTail(sorted);
          const p = tailPValue(sorted, tail, score);
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(tailPValue(sorted, tail, score + more)).toBeLessThanOrEqual(p);
          const joint = sorted[190]!;
          expect(tailPValue(sorted, tail, joint + 1e-12)).toBeCloseTo(
            tailPValue(sorted, tail, joint),
            9,
          );
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });

  it('is the conformal p-value where scores are too few or all alike', () => {
    expect(fitTail(draw(39, exponential, 1).sort())).toBeUndefined();
    const alike = new Float64Array(100).fill(2);
    expect(fitTail(alike)).toBeUndefined();
    expect(tailPValue(alike, undefined, 3)).toBe(1 / 101);
  });
});
