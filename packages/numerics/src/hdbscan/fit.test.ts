import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutNoise } from '../cluster-metrics/contingency.js';
import { adjustedRand } from '../cluster-metrics/pair-counting.js';
import { NumericsError } from '../errors.js';
import type { RealMatrix } from '../matrix.js';
import { createRng } from '../rng.js';
import { approximatePredict } from './approximate-predict.js';
import { fitHdbscan } from './fit.js';

/** n points in a few blobs of different spread: coordinates are all distinct. */
function blobs(n: number, seed: number, cols = 2): RealMatrix & { data: Float64Array } {
  const rng = createRng(seed);
  const data = new Float64Array(n * cols);
  for (let i = 0; i < n; i++) {
    const blob = i % 3;
    for (let c = 0; c < cols; c++) {
      data[i * cols + c] = (c === 0 ? 8 * blob : 0) + (1 + blob / 2) * rng.nextNormal();
    }
  }
  return { rows: n, cols, data };
}

function canonical(labels: Int32Array): number[] {
  const names = new Map<number, number>([[-1, -1]]);
  return Array.from(labels, (label) => {
    if (!names.has(label)) names.set(label, names.size - 1);
    return names.get(label)!;
  });
}

const sizes = fc.integer({ min: 20, max: 120 });

describe('fitHdbscan', () => {
  it('separates blobs and reports every stage', () => {
    const stages = new Set<string>();
    const model = fitHdbscan(blobs(300, 1), {
      minClusterSize: 15,
      onProgress: ({ stage, fraction }) => {
        stages.add(stage);
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThanOrEqual(1);
      },
    });
    expect([...stages]).toEqual(['core-distances', 'spanning-tree', 'hierarchy', 'selection']);
    expect(model.clusterPersistence).toHaveLength(3);
    const truth = Array.from(model.labels, (_, i) => i % 3);
    const { classes, clusters } = withoutNoise(truth, model.labels);
    expect(classes.length).toBeGreaterThan(200);
    expect(adjustedRand(classes, clusters)).toBeGreaterThan(0.95);
  });

  it('does not depend on the order of the rows with minSamples 1', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), (n, seed) => {
        const points = blobs(n, seed);
        const rng = createRng(seed + 1);
        const order = Int32Array.from({ length: n }, (_, i) => i);
        for (let i = n - 1; i > 0; i--) {
          const j = rng.nextInt(i + 1);
          [order[i], order[j]] = [order[j]!, order[i]!];
        }
        const shuffled = { ...points, data: new Float64Array(2 * n) };
        order.forEach((from, to) => {
          shuffled.data.set(points.data.subarray(2 * from, 2 * from + 2), 2 * to);
        });
        const options = { minClusterSize: 4, minSamples: 1 };
        const a = fitHdbscan(points, options);
        const b = fitHdbscan(shuffled, options);
        expect(canonical(b.labels)).toEqual(canonical(Int32Array.from(order, (i) => a.labels[i]!)));
        order.forEach((from, to) => {
          expect(b.probabilities[to]).toBeCloseTo(a.probabilities[from]!, 12);
          expect(b.outlierScores[to]).toBeCloseTo(a.outlierScores[from]!, 12);
        });
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('does not depend on the scale, and keeps values within 0 ... 1', () => {
    const scales = fc.constantFrom(2 ** -20, 0.5, 4, 2 ** 30);
    const methods = fc.constantFrom('eom' as const, 'leaf' as const);
    fc.assert(
      fc.property(sizes, fc.integer(), scales, methods, (n, seed, scale, method) => {
        const points = blobs(n, seed);
        const scaled = { ...points, data: points.data.map((v) => v * scale) };
        const options = { minClusterSize: 4, clusterSelectionMethod: method };
        const a = fitHdbscan(points, options);
        const b = fitHdbscan(scaled, options);
        expect([...b.labels]).toEqual([...a.labels]);
        expect([...b.probabilities]).toEqual([...a.probabilities]);
        for (const values of [a.probabilities, a.outlierScores, a.clusterPersistence]) {
          for (const value of values) expect(value >= 0 && value <= 1).toBe(true);
        }
        a.labels.forEach((label, i) => {
          if (label < 0) expect(a.probabilities[i]).toBe(0);
        });
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  it('gives the same for float32 and float64 of the same numbers, in any dimension', () => {
    for (const cols of [1, 2, 5]) {
      const data = Float32Array.from(blobs(200, 9, cols).data);
      const narrow = fitHdbscan({ rows: 200, cols, data }, { minClusterSize: 8 });
      const wide = fitHdbscan(
        { rows: 200, cols, data: Float64Array.from(data) },
        { minClusterSize: 8 },
      );
      expect(narrow).toEqual(wide);
      expect(Math.max(...narrow.labels)).toBeGreaterThan(0);
    }
  });

  it('defines 0, 1, 2 and 5 points', () => {
    for (const n of [0, 1, 2, 5]) {
      for (const allowSingleCluster of [false, true]) {
        const points = blobs(n, 4);
        const model = fitHdbscan(points, { allowSingleCluster });
        expect(model.labels).toHaveLength(n);
        expect(model.outlierScores).toHaveLength(n);
        if (!allowSingleCluster) expect([...model.labels]).toEqual(new Array(n).fill(-1));
        const predicted = approximatePredict(model, blobs(3, 5));
        expect(predicted.labels).toHaveLength(3);
        if (!allowSingleCluster) expect([...predicted.labels]).toEqual([-1, -1, -1]);
      }
    }
  });

  it('defines equal points: noise, or one cluster where that is allowed', () => {
    const points = { rows: 12, cols: 2, data: new Float32Array(24).fill(3) };
    const noise = fitHdbscan(points, { minClusterSize: 4 });
    // Every split is at distance 0, so the points form groups of infinite density.
    expect(noise.outlierScores.every((score) => score === 0)).toBe(true);
    const one = fitHdbscan(points, { minClusterSize: 4, allowSingleCluster: true });
    expect(new Set(one.labels)).toEqual(new Set([0]));
    expect([...one.probabilities]).toEqual(new Array(12).fill(1));
    const predicted = approximatePredict(one, { rows: 1, cols: 2, data: Float32Array.of(3, 3) });
    expect([predicted.labels[0], predicted.probabilities[0]]).toEqual([0, 1]);
  });

  it('gives points beside duplicates the limits instead of NaN', () => {
    const near = blobs(30, 6);
    const data = new Float64Array(80);
    data.set(near.data);
    data.fill(0.5, 60);
    const model = fitHdbscan({ rows: 40, cols: 2, data }, { minClusterSize: 5, minSamples: 2 });
    for (const score of model.outlierScores) expect(score >= 0 && score <= 1).toBe(true);
    expect([...model.outlierScores.subarray(30)]).toEqual(new Array(10).fill(0));
    for (const value of model.probabilities) expect(value >= 0 && value <= 1).toBe(true);
  });

  it('names the row and column of NaN, and bad options', () => {
    const points = blobs(10, 1);
    points.data[7] = Number.NaN;
    expect(() => fitHdbscan(points)).toThrow(NumericsError);
    expect(() => fitHdbscan(points)).toThrow(/row 3, column 1/);
    const fine = blobs(10, 1);
    expect(() => fitHdbscan(fine, { minClusterSize: 1 })).toThrow(/minClusterSize.*found 1/);
    expect(() => fitHdbscan(fine, { minSamples: 0 })).toThrow(/minSamples/);
    expect(() => fitHdbscan(fine, { clusterSelectionEpsilon: -1 })).toThrow(/Epsilon/);
    expect(() => fitHdbscan(fine, { clusterSelectionMethod: 'dbscan' as 'eom' })).toThrow(
      /eom or leaf/,
    );
    const model = fitHdbscan(fine);
    expect(() => approximatePredict(model, blobs(2, 1, 3))).toThrow(/expected 2 columns/);
  });

  it('refuses points so far apart that nothing tells which are nearer', () => {
    const points = { rows: 3, cols: 2, data: Float64Array.of(0, 0, 1, 1, 1e160, 0) };
    expect(() => fitHdbscan(points, { minClusterSize: 2 })).toThrow(
      /expected distances whose squares a float64 holds, found columns as wide as 1e\+160/,
    );
  });

  it('predicts what it fitted, one point at a time or all at once', () => {
    const points = blobs(240, 3);
    const model = fitHdbscan(points, { minClusterSize: 12, minSamples: 4 });
    const all = approximatePredict(model, points);
    expect([...all.labels]).toEqual([...model.labels]);
    const one = approximatePredict(model, { rows: 1, cols: 2, data: points.data.slice(20, 22) });
    expect(one.probabilities[0]).toBe(all.probabilities[10]);
    const far = approximatePredict(model, { rows: 1, cols: 2, data: Float64Array.of(500, -500) });
    expect(far.labels[0]).toBe(-1);
    expect(far.outlierScores[0]).toBeGreaterThan(0.99);
  });
});
