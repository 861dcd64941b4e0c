import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixFromRows } from '../matrix.js';
import { createRng } from '../rng.js';
import { knnExact, knnQuery } from './exact.js';

function randomPoints(n: number, d: number, seed: number) {
  const rng = createRng(seed);
  return { rows: n, cols: d, data: Float32Array.from({ length: n * d }, () => rng.nextNormal()) };
}

describe('knnExact', () => {
  it('finds the neighbours of the example', () => {
    const { indices, distances } = knnExact(matrixFromRows([[0], [3], [1]]), { k: 2 });
    expect([...indices]).toEqual([0, 2, 1, 2, 2, 0]);
    expect([...distances]).toEqual([0, 1, 0, 2, 0, 1]);
  });

  it('puts the row itself first and the lower index before its equals', () => {
    const same = matrixFromRows(Array.from({ length: 5 }, () => [1, 2]));
    const { indices } = knnExact(same, { k: 3 });
    expect([...indices]).toEqual([0, 1, 2, 1, 0, 2, 2, 0, 1, 3, 0, 1, 4, 0, 1]);
  });

  it('agrees with a full sort, for rows, others and queries', () => {
    for (const metric of ['cosine', 'euclidean'] as const) {
      // More rows than a tile, and columns that are no multiple of four.
      const points = randomPoints(150, 7, 5);
      const row = (i: number) => Array.from(points.data.subarray(i * 7, i * 7 + 7));
      const dot = (a: number[], b: number[]) => a.reduce((s, v, c) => s + v * b[c]!, 0);
      const distance = (a: number[], b: number[]) =>
        metric === 'cosine'
          ? 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
          : Math.hypot(...a.map((v, c) => v - b[c]!));
      const others = knnExact(points, { k: 4, metric, excludeSelf: true });
      const queries = randomPoints(20, 7, 6);
      const asked = knnQuery(points, queries, { k: 4, metric });
      for (let i = 0; i < 20; i++) {
        const all = Array.from({ length: 150 }, (_, j) => j);
        const byRow = all
          .filter((j) => j !== i)
          .sort((a, b) => distance(row(i), row(a)) - distance(row(i), row(b)));
        expect([...others.indices.subarray(i * 4, i * 4 + 4)]).toEqual(byRow.slice(0, 4));
        const q = Array.from(queries.data.subarray(i * 7, i * 7 + 7));
        const byQuery = all.sort((a, b) => distance(q, row(a)) - distance(q, row(b)));
        expect([...asked.indices.subarray(i * 4, i * 4 + 4)]).toEqual(byQuery.slice(0, 4));
        expect(asked.distances[i * 4]).toBeCloseTo(distance(q, row(byQuery[0]!)), 5);
      }
    }
  });

  it('gives rows without direction the cosine distance 1, and 0 among themselves', () => {
    const points = matrixFromRows([
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    const { indices, distances } = knnExact(points, { k: 3, metric: 'cosine' });
    expect([...indices]).toEqual([0, 2, 1, 1, 0, 2, 2, 0, 1]);
    expect([...distances]).toEqual([0, 0, 1, 0, 1, 1, 0, 0, 1]);
  });

  it('cuts k to the rows there are', () => {
    expect(knnExact(randomPoints(0, 3, 1), { k: 5 }).indices).toHaveLength(0);
    expect(knnExact(randomPoints(1, 3, 1), { k: 5 })).toMatchObject({ k: 1 });
    expect(knnExact(randomPoints(3, 3, 1), { k: 5 })).toMatchObject({ k: 3 });
    expect(knnExact(randomPoints(1, 3, 1), { k: 5, excludeSelf: true })).toMatchObject({ k: 0 });
    expect(knnQuery(randomPoints(0, 3, 1), randomPoints(2, 3, 1), { k: 2 }).k).toBe(0);
  });

  it('refuses bad arguments by name', () => {
    const points = randomPoints(4, 2, 1);
    expect(() => knnExact(points, { k: 0 })).toThrow(/k: expected a whole number >= 1, found 0/);
    expect(() => knnExact(points, { k: 2, metric: 'manhattan' as 'cosine' })).toThrow(/metric/);
    expect(() => knnQuery(points, randomPoints(1, 3, 1), { k: 1 })).toThrow(/expected 2 columns/);
    points.data[5] = Number.NaN;
    expect(() => knnExact(points, { k: 2 })).toThrow(/row 2, column 1/);
  });

  it('does not depend on the order of the rows, ties apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer(), (n, seed) => {
        const points = randomPoints(n, 3, seed);
        const reversed = { ...points, data: points.data.slice() };
        for (let i = 0; i < n; i++) {
          reversed.data.set(points.data.subarray(i * 3, i * 3 + 3), (n - 1 - i) * 3);
        }
        const a = knnExact(points, { k: 4 });
        const b = knnExact(reversed, { k: 4 });
        for (let i = 0; i < n; i++) {
          const theirs = b.indices.subarray((n - 1 - i) * b.k, (n - i) * b.k);
          expect(Array.from(theirs, (j) => n - 1 - j)).toEqual([
            ...a.indices.subarray(i * a.k, (i + 1) * a.k),
          ]);
        }
      }),
      { numRuns: 30, seed: 3 },
    );
  });
});
