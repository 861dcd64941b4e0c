import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustworthiness } from '../cluster-metrics/neighborhood.js';
import { knnExact } from '../knn/exact.js';
import { createRng } from '../rng.js';
import { fitUmap } from './fit.js';
import { transformUmap } from './transform.js';

function blobs(rows: number, cols: number, groups: number, seed: number, apart = 12) {
  const rng = createRng(seed);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < cols; c++) {
      data[i * cols + c] = rng.nextNormal() + (c === i % groups ? apart : 0);
    }
  }
  return { rows, cols, data };
}

function finite(values: Float32Array): boolean {
  return values.every((value) => Number.isFinite(value));
}

describe('fitUmap', () => {
  it('lays out blobs, reporting every stage', () => {
    const points = blobs(200, 6, 4, 1);
    const stages = new Set<string>();
    const { embedding } = fitUmap(points, { onProgress: ({ stage }) => stages.add(stage) });
    expect([...stages]).toEqual(['neighbors', 'graph', 'initial-layout', 'optimize']);
    const layout = { rows: 200, cols: 2, data: embedding };
    const nearest = knnExact(layout, { k: 2 });
    const kept = Array.from({ length: 200 }, (_, i) => i).filter(
      (i) => nearest.indices[2 * i + 1]! % 4 === i % 4,
    );
    expect(kept.length).toBe(200);
  });

  it('repeats itself for a seed, differs for another, and leaves its input alone', () => {
    const points = blobs(120, 5, 3, 2);
    const before = points.data.slice();
    const a = fitUmap(points, { randomState: 7, nEpochs: 60 });
    const b = fitUmap(points, { randomState: 7, nEpochs: 60 });
    const c = fitUmap(points, { randomState: 8, nEpochs: 60 });
    expect([...a.embedding]).toEqual([...b.embedding]);
    expect([...a.embedding]).not.toEqual([...c.embedding]);
    expect(points.data).toEqual(before);
  });

  it('takes neighbours found elsewhere', () => {
    const points = blobs(120, 5, 3, 3);
    const knn = knnExact(points, { k: 15 });
    const given = fitUmap(points, { knn, nEpochs: 40 });
    expect([...given.embedding]).toEqual([...fitUmap(points, { nEpochs: 40 }).embedding]);
    const short = { ...knn, indices: knn.indices.subarray(1) };
    expect(() => fitUmap(points, { knn: short })).toThrow(/expected 120 x 15/);
    knn.indices[31] = 120;
    expect(() => fitUmap(points, { knn })).toThrow(/row 2, column 1.*found 120/);
  });

  it('lays out components that nothing joins', () => {
    for (const groups of [2, 4, 7]) {
      const points = blobs(groups * 25, 8, groups, 4, 1000);
      const { embedding, graph } = fitUmap(points, { nNeighbors: 8 });
      expect(finite(embedding)).toBe(true);
      for (let i = 0; i < graph.n; i++) {
        for (const j of graph.columns.subarray(graph.offsets[i], graph.offsets[i + 1])) {
          expect(j % groups).toBe(i % groups);
        }
      }
      const layout = { rows: points.rows, cols: 2, data: embedding };
      expect(trustworthiness(points, layout, 5)).toBeGreaterThan(0.9);
    }
  });

  it('defines few points, equal points and other dimensions', () => {
    for (const n of [0, 1, 2, 3, 5]) {
      for (const metric of ['cosine', 'euclidean'] as const) {
        const { embedding } = fitUmap(blobs(n, 4, 2, 5), { metric });
        expect(embedding).toHaveLength(2 * n);
        expect(finite(embedding)).toBe(true);
      }
    }
    const same = fitUmap({ rows: 30, cols: 3, data: new Float32Array(90).fill(2) });
    expect(finite(same.embedding)).toBe(true);
    const zero = fitUmap({ rows: 30, cols: 3, data: new Float32Array(90) }, { metric: 'cosine' });
    expect(finite(zero.embedding)).toBe(true);
    for (const nComponents of [1, 3]) {
      const { embedding } = fitUmap(blobs(60, 4, 2, 6), { nComponents, nEpochs: 30 });
      expect(embedding).toHaveLength(60 * nComponents);
      expect(finite(embedding)).toBe(true);
    }
  });

  it('refuses NaN by row and column, and bad options by name', () => {
    const points = blobs(10, 4, 2, 7);
    expect(() => fitUmap(points, { nNeighbors: 1 })).toThrow(/nNeighbors.*found 1/);
    expect(() => fitUmap(points, { minDist: 2 })).toThrow(/minDist/);
    expect(() => fitUmap(points, { nEpochs: 0 })).toThrow(/nEpochs/);
    points.data[13] = Number.NaN;
    expect(() => fitUmap(points)).toThrow(/row 3, column 1/);
  });

  it('uses an index for many rows, which transform uses too', () => {
    const points = blobs(4200, 8, 6, 8);
    const model = fitUmap(points, { nEpochs: 11, metric: 'cosine' });
    expect(model.index?.size).toBe(4200);
    const queries = blobs(6, 8, 6, 9);
    const placed = transformUmap(model, queries);
    const exact = transformUmap({ ...model, index: undefined } as typeof model, queries);
    expect([...placed]).toEqual([...exact]);
  });
});

describe('transformUmap', () => {
  const points = blobs(150, 5, 3, 10);
  const model = fitUmap(points);

  it('places a row the same alone, in a batch, and in another order', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 9 }), (seed, m) => {
        // Rows of very different strangeness, so that a shared scale would show.
        const queries = blobs(m, 5, 3, seed);
        for (let c = 0; c < 5; c++) queries.data[c]! *= 20;
        const placed = transformUmap(model, queries);
        for (let i = 0; i < m; i++) {
          const row = { rows: 1, cols: 5, data: queries.data.slice(5 * i, 5 * i + 5) };
          expect([...transformUmap(model, row)]).toEqual([...placed.subarray(2 * i, 2 * i + 2)]);
        }
      }),
      { numRuns: 20, seed: 4 },
    );
  });

  it('leaves the fit alone and puts new rows beside their group', () => {
    const before = model.embedding.slice();
    const queries = blobs(30, 5, 3, 11);
    const placed = transformUmap(model, queries);
    expect(model.embedding).toEqual(before);
    for (let i = 0; i < 30; i++) {
      let nearest = -1;
      let least = Number.POSITIVE_INFINITY;
      for (let j = 0; j < 150; j++) {
        const d = Math.hypot(
          placed[2 * i]! - before[2 * j]!,
          placed[2 * i + 1]! - before[2 * j + 1]!,
        );
        if (d < least) {
          least = d;
          nearest = j;
        }
      }
      expect(nearest % 3).toBe(i % 3);
    }
  });

  it('keeps a copy of a fitted row near its place', () => {
    const placed = transformUmap(model, points);
    const shifts = Array.from({ length: 150 }, (_, i) =>
      Math.hypot(
        placed[2 * i]! - model.embedding[2 * i]!,
        placed[2 * i + 1]! - model.embedding[2 * i + 1]!,
      ),
    );
    const extent = Math.max(...model.embedding) - Math.min(...model.embedding);
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / 150;
    expect(mean).toBeLessThan(0.05 * extent);
  });

  it('defines no queries and a fit of one row, and refuses a fit of none', () => {
    expect(transformUmap(model, { rows: 0, cols: 5, data: new Float32Array(0) })).toHaveLength(0);
    const one = fitUmap(blobs(1, 5, 3, 1));
    expect([...transformUmap(one, blobs(2, 5, 3, 2))].every(Number.isFinite)).toBe(true);
    const none = fitUmap(blobs(0, 5, 3, 1));
    expect(() => transformUmap(none, blobs(2, 5, 3, 2))).toThrow(/at least 1 fitted row/);
    expect(() => transformUmap(model, blobs(2, 4, 3, 2))).toThrow(/expected 5 columns/);
  });
});
