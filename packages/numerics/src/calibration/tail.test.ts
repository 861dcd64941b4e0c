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

  it('is as small on fresh scores as often as it says, also beyond all calibration scores', () => {
    const n = 1_000;
    const rounds = 100;
    const fresh = 5 * n;
    const levels = [0.2, 0.5, 1, 3];
    for (const [i, one] of [exponential, heavy, bounded].entries()) {
      const rare = levels.map(() => 0);
      const rng = createRng(40 + i);
      for (let round = 0; round < rounds; round++) {
        const sorted = draw(n, one, 500 + round).sort();
        const tail = fitTail(sorted);
        for (let k = 0; k < fresh; k++) {
          const score = one(rng);
          if (score < sorted[n - 10]!) continue;
          const p = tailPValue(sorted, tail, score);
          for (const [at, level] of levels.entries()) if (p <= level / n) rare[at]!++;
        }
      }
      for (const [at, level] of levels.entries()) {
        const ratio = (rare[at]! * n) / (level * fresh * rounds);
        expect(ratio, `scores ${i}, level ${level}/n`).toBeLessThan(2);
        // Just beyond the largest it is careful; where scores come to an end, more and more so.
        if (one !== bounded || level === 3) expect(ratio).toBeGreaterThan(0.4);
      }
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
          const joint = sorted[199]!;
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
