import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { withoutNoise } from './contingency.js';
import { adjustedMutualInfo, normalizedMutualInfo, vMeasure } from './information.js';
import { continuity, trustworthiness } from './neighborhood.js';
import { adjustedRand, randIndex } from './pair-counting.js';
import { clusterCompositions, clusterEntropy, purity } from './purity.js';
import { silhouette, silhouetteSamples } from './silhouette.js';

const labels = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 40 });

describe('label metrics', () => {
  it('count by hand', () => {
    const classes = [0, 0, 1, 1];
    const clusters = [0, 0, 0, 1];
    expect(purity(classes, clusters)).toBe(3 / 4);
    expect(randIndex(classes, clusters)).toBe(1 / 2);
    expect(adjustedRand(classes, clusters)).toBe(0);
    const entropy = -(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3);
    expect(clusterEntropy(classes, clusters)).toBeCloseTo((3 * entropy) / 4, 14);
    expect(clusterCompositions(classes, clusters)[1]).toMatchObject({ cluster: 1, size: 1 });
    expect(() => purity([1, 2], [1])).toThrow(/expected 2 labels as in classes, found 1/);
  });

  it('are 1 for renamed labels, within bounds, and symmetric where they should be', () => {
    fc.assert(
      fc.property(labels, fc.integer(), (a, seed) => {
        const renamed = a.map((label) => 7 - 2 * label);
        for (const score of [purity, adjustedRand, randIndex, normalizedMutualInfo]) {
          expect(score(a, renamed)).toBeCloseTo(1, 12);
        }
        expect(adjustedMutualInfo(a, renamed)).toBeCloseTo(1, 9);
        const rng = createRng(seed);
        const b = a.map(() => rng.nextInt(4));
        expect(adjustedRand(a, b)).toBeCloseTo(adjustedRand(b, a), 12);
        expect(normalizedMutualInfo(a, b)).toBeCloseTo(normalizedMutualInfo(b, a), 12);
        expect(vMeasure(a, b).homogeneity).toBeCloseTo(vMeasure(b, a).completeness, 12);
        for (const value of [purity(a, b), randIndex(a, b), normalizedMutualInfo(a, b)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
      { seed: 5 },
    );
  });

  it('leave noise out on request', () => {
    const kept = withoutNoise([5, 6, 7], [-1, 0, 1]);
    expect([...kept.classes, ...kept.clusters]).toEqual([6, 7, 0, 1]);
  });
});

describe('metrics of points', () => {
  const line = (values: number[]) => ({
    rows: values.length,
    cols: 1,
    data: Float64Array.from(values),
  });

  it('silhouette by hand', () => {
    const samples = silhouetteSamples(line([0, 1, 10]), [0, 0, 1]);
    expect([...samples]).toEqual([0.9, 8 / 9, 0]);
    expect(silhouette(line([0, 1, 10]), [0, 0, 1])).toBeCloseTo((0.9 + 8 / 9) / 3, 14);
    expect(() => silhouetteSamples(line([0, 1]), [0, 0])).toThrow(/expected 2 ... 1 groups/);
  });

  it('trustworthiness and continuity see one intruder', () => {
    const points = line([0, 1, 2.1, 3.3, 4.6]);
    expect(trustworthiness(points, points, 2)).toBe(1);
    expect(continuity(points, points, 2)).toBe(1);
    // Row 0 moves to the far end: it intrudes there and is missed where it was.
    const moved = line([6.1, 1, 2.1, 3.3, 4.6]);
    expect(trustworthiness(points, moved, 1)).toBeLessThan(1);
    expect(continuity(points, moved, 1)).toBeLessThan(1);
    expect(() => trustworthiness(points, points, 3)).toThrow(/below half of 5 rows, found 3/);
    expect(() => trustworthiness(points, line([1]), 1)).toThrow(/expected 5 rows/);
  });
});
