import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { poissonTail } from './poisson.js';
import { predictedTail } from './predicted-count.js';

describe('predictedTail', () => {
  it('is what scipy.stats.nbinom.sf(count - 1, events + 0.5, T / (T + t)) says', () => {
    const reference: [number, number, number, number, number][] = [
      [1, 0, 1, 1, 0.2928932188134525],
      [5, 3, 10, 1, 0.00017951248325643031],
      [40, 10, 5, 2, 3.608027344920822e-14],
      [3, 100, 10, 1, 0.9963822460574902],
      [60, 400, 24, 1, 1.7579966920711259e-15],
    ];
    for (const [count, events, T, t, expected] of reference)
      expect(predictedTail(count, { events, time: T }, t) / expected).toBeCloseTo(1, 7);
    expect(() => predictedTail(1, { events: 1, time: 0 }, 1)).toThrow(/above 0/);
  });

  it('comes to the Poisson distribution with a long history', () => {
    const p = predictedTail(12, { events: 4e6, time: 1e6 }, 1);
    expect(p / poissonTail(12, 4)).toBeCloseTo(1, 3);
  });

  it('falls with the count and rises with what the history saw', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 500 }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (count, events, time) => {
          const p = predictedTail(count, { events, time }, 1);
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(predictedTail(count + 1, { events, time }, 1)).toBeLessThanOrEqual(p);
          const more = predictedTail(count, { events: events + 1, time }, 1);
          expect(more).toBeGreaterThanOrEqual(p * (1 - 1e-9));
        },
      ),
      { seed: 6 },
    );
  });

  it('keeps its promise: a count as rare as it says comes as rarely', () => {
    const rng = createRng(8);
    const trials = 4_000;
    let rare = 0;
    for (let trial = 0; trial < trials; trial++) {
      const events = poisson(20);
      const count = poisson(2);
      if (predictedTail(count, { events, time: 10 }, 1) <= 0.05) rare++;
    }
    expect(rare / trials).toBeLessThan(0.06);
    expect(rare / trials).toBeGreaterThan(0.005);

    function poisson(mean: number): number {
      let [n, product] = [0, rng.nextFloat()];
      for (; product > Math.exp(-mean); n++) product *= rng.nextFloat();
      return n;
    }
  });
});
