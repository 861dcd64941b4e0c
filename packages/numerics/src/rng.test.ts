import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from './rng.js';

describe('createRng', () => {
  it('repeats its stream for the same seed and not for another', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const a = createRng(seed);
        const b = createRng(seed);
        const c = createRng(seed + 1);
        const draw = (rng: typeof a) => Array.from({ length: 8 }, () => rng.nextInt32());
        const first = draw(a);
        expect(draw(b)).toEqual(first);
        expect(draw(c)).not.toEqual(first);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('stays on one stream from release to release', () => {
    const rng = createRng(42);
    expect(Array.from({ length: 3 }, () => rng.nextInt32())).toMatchInlineSnapshot(`
      [
        660444221,
        -642143564,
        77672526,
      ]
    `);
  });

  it('draws uniform floats, bounded integers and normals', () => {
    const rng = createRng(7);
    const n = 20_000;
    let sum = 0;
    let normalSum = 0;
    let normalSquares = 0;
    const counts = new Float64Array(5);
    for (let i = 0; i < n; i++) {
      const value = rng.nextFloat();
      expect(value >= 0 && value < 1).toBe(true);
      sum += value;
      counts[rng.nextInt(5)]!++;
      const normal = rng.nextNormal();
      normalSum += normal;
      normalSquares += normal * normal;
    }
    // Five standard errors.
    expect(Math.abs(sum / n - 0.5)).toBeLessThan((5 * 0.289) / Math.sqrt(n));
    for (const count of counts) {
      expect(Math.abs(count - n / 5)).toBeLessThan(5 * Math.sqrt(n * 0.16));
    }
    expect(Math.abs(normalSum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(normalSquares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });
});
