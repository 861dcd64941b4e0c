import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poissonTail } from './poisson.js';

describe('poissonTail', () => {
  it('is what scipy.stats.poisson.sf(count - 1, mean) says', () => {
    const reference: [number, number, number][] = [
      [1, 1, 0.6321205588285577],
      [5, 0.6, 0.0003944860183402557],
      [20, 10, 0.0034543419758568334],
      [3, 4.5, 0.8264219290899639],
      [100, 40, 1.2062542053086358e-15],
      [150, 100, 1.8842104660386844e-6],
    ];
    for (const [count, mean, expected] of reference)
      expect(poissonTail(count, mean) / expected).toBeCloseTo(1, 9);
    expect(poissonTail(0, 3)).toBe(1);
    expect(poissonTail(2, 0)).toBe(0);
    expect(() => poissonTail(1, Number.NaN)).toThrow(/expected 0 or more/);
  });

  it('falls with the count, rises with the mean, and both sums meet', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0.01, max: 300, noNaN: true }),
        (count, mean) => {
          const p = poissonTail(count, mean);
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(poissonTail(count + 1, mean)).toBeLessThanOrEqual(p);
          expect(poissonTail(count, mean * 1.01)).toBeGreaterThanOrEqual(p * (1 - 1e-12));
        },
      ),
      { seed: 4 },
    );
  });
});
