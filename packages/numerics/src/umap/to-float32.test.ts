import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { fitUmap } from './fit.js';
import { toFloat32 } from './to-float32.js';

const rows = 40;
const cols = 3;
const rng = createRng(5);
const data = Float64Array.from({ length: rows * cols }, () => Math.fround(rng.nextNormal()));
const layoutOf = (points: Float64Array, metric: 'euclidean' | 'cosine') =>
  fitUmap(toFloat32({ rows, cols, data: points }, metric), { metric, nEpochs: 20 }).embedding;

describe('toFloat32', () => {
  it.each(['euclidean', 'cosine'] as const)('makes the unit of %s points no matter', (metric) => {
    const expected = layoutOf(data, metric);
    fc.assert(
      fc.property(fc.integer({ min: -900, max: 900 }), (exponent) => {
        const other = data.map((value) => value * 2 ** exponent);
        expect(layoutOf(other, metric)).toEqual(expected);
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  it('lets each row have its own where only directions count', () => {
    const other = data.map((value, p) => value * 2 ** (50 * Math.floor(p / cols) - 1000));
    expect(layoutOf(other, 'cosine')).toEqual(layoutOf(data, 'cosine'));
  });

  it('leaves points of ordinary size, zeros and what is not finite alone', () => {
    for (const points of [Float32Array.of(1, -2e9, 0), new Float32Array(3)]) {
      expect(toFloat32({ rows: 1, cols: 3, data: points }, 'euclidean').data).toBe(points);
    }
    const bad = Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY);
    expect([...toFloat32({ rows: 1, cols: 3, data: bad }, 'cosine').data]).toEqual([...bad]);
  });
});
