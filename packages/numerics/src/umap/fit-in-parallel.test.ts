import { describe, expect, it } from 'vitest';
import { trustworthiness } from '../cluster-metrics/neighborhood.js';
import { knnExact, knnQuery } from '../knn/exact.js';
import type { Matrix } from '../matrix.js';
import { createRng } from '../rng.js';
import { fitUmap } from './fit.js';
import {
  fitUmapInParallel,
  openGrowingUmap,
  PARALLEL_FROM,
  type ParallelUmapOptions,
} from './fit-in-parallel.js';

/** Curved sheets in some directions of `cols`, positive as the features of a network are. */
function sheets(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  const centres = Array.from({ length: 12 }, () =>
    Float64Array.from({ length: cols }, () => Math.abs(rng.nextNormal())),
  );
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const centre = centres[i % 12]!;
    const [u, v] = [rng.nextNormal(), rng.nextNormal()];
    for (let c = 0; c < cols; c++) {
      const along = u * centre[(c + 1) % cols]! + v * centre[(c + 7) % cols]!;
      data[i * cols + c] = Math.max(0, centre[c]! + 0.3 * along + 0.1 * rng.nextNormal());
    }
  }
  return { rows, cols, data };
}

const points = sheets(PARALLEL_FROM + 300, 30, 1);
const options: ParallelUmapOptions = { metric: 'cosine', nEpochs: 60 };

describe('fitUmapInParallel', () => {
  it('finds the neighbours, and gives the same bytes for any number of threads', async () => {
    const one = await fitUmapInParallel(points, { ...options, threads: 1, knnWidth: 17 });
    const three = await fitUmapInParallel(points, { ...options, threads: 3, knnWidth: 17 });
    expect(three.embedding).toEqual(one.embedding);
    expect(three.knn).toEqual(one.knn);
    expect(Object.keys(one.secondsByStage)).toEqual([
      'rows',
      'projection',
      'leaves',
      'comparison',
      'second neighbours',
      'ranking',
      'graph',
      'optimize',
      'order',
    ]);

    const exact = knnExact(points, { k: 17, metric: 'cosine' });
    let hits = 0;
    for (let p = 0; p < exact.indices.length; p += 17) {
      const truth = new Set(exact.indices.subarray(p, p + 17));
      for (const found of one.knn.indices.subarray(p, p + 17)) if (truth.has(found)) hits++;
      expect(one.knn.indices[p]).toBe(p / 17);
    }
    expect(hits / exact.indices.length).toBeGreaterThan(0.99);
    const worst = one.knn.distances.reduce((most, distance, p) => {
      const same = one.knn.indices[p] === exact.indices[p];
      return Math.max(most, same ? Math.abs(distance - exact.distances[p]!) : 0);
    }, 0);
    expect(worst).toBeLessThan(1e-6);

    const trust = trustworthiness(
      { rows: 1500, cols: 30, data: points.data.subarray(0, 1500 * 30) },
      { rows: 1500, cols: 2, data: one.embedding.subarray(0, 3000) },
      15,
      'cosine',
    );
    expect(trust).toBeGreaterThan(0.95);
  });

  it('finds neighbours of all rows where kinds come in a rhythm', async () => {
    // Even rows vary in 96 columns, as many as directions are taken, odd ones more in 4 others.
    const [rows, cols] = [2 * 4096, 100];
    const rng = createRng(3);
    const data = Float32Array.from({ length: rows * cols }, (_, at) => {
      const [row, col] = [Math.floor(at / cols), at % cols];
      const isEven = row % 2 === 0;
      return isEven === col < 96 ? (isEven ? 1 : 2) * rng.nextNormal() : 0;
    });
    const asked = Array.from({ length: 100 }, (_, i) => 2 * 37 * i + 1);
    const queries = Float32Array.from(
      asked.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)]),
    );
    const all = { rows, cols, data };
    const { knn } = await fitUmapInParallel(all, { ...options, nEpochs: 11, threads: 2 });
    const exact = knnQuery(
      all,
      { rows: asked.length, cols, data: queries },
      { k: 15, metric: 'cosine' },
    );
    let hits = 0;
    for (const [i, row] of asked.entries()) {
      const truth = new Set(exact.indices.subarray(15 * i, 15 * (i + 1)));
      for (const found of knn.indices.subarray(15 * row, 15 * (row + 1)))
        if (truth.has(found)) hits++;
    }
    expect(hits / exact.indices.length).toBeGreaterThan(0.95);
  });

  it('has another layout for another seed', async () => {
    const a = await fitUmapInParallel(points, { ...options, nEpochs: 5 });
    const b = await fitUmapInParallel(points, { ...options, nEpochs: 5, randomState: 43 });
    expect(b.embedding).not.toEqual(a.embedding);
    expect(a.embedding.every(Number.isFinite)).toBe(true);
  });

  it('grows by rows that come later, again and again, and moves little', async () => {
    const cut = (from: number, to: number): Matrix => ({
      rows: to - from,
      cols: 30,
      data: points.data.slice(30 * from, 30 * to),
    });
    const growths = [];
    for (const threads of [1, 2]) {
      // 4,096 + 101 leaves holes between the first late leaf and the next.
      const growing = await openGrowingUmap(cut(0, 4096), points.rows, { ...options, threads });
      const first = growing.model.embedding;
      await growing.grow(cut(4096, 4197));
      const { embedding, knn } = await growing.grow(cut(4197, points.rows));
      await expect(growing.grow(cut(0, 1))).rejects.toThrow(/at most 0 rows of 30 columns/);
      await growing.close();
      growths.push({ first, embedding, knn });
    }
    expect(growths[1]).toEqual(growths[0]);
    const { first, embedding, knn } = growths[0]!;
    const exact = knnExact(points, { k: 15, metric: 'cosine' });
    let hits = 0;
    for (let p = 0; p < exact.indices.length; p += 15) {
      const truth = new Set(exact.indices.subarray(p, p + 15));
      for (const found of knn.indices.subarray(p, p + 15)) if (truth.has(found)) hits++;
    }
    expect(hits / exact.indices.length).toBeGreaterThan(0.99);
    const moves = Array.from({ length: 4096 }, (_, i) =>
      Math.hypot(embedding[2 * i]! - first[2 * i]!, embedding[2 * i + 1]! - first[2 * i + 1]!),
    ).sort((a, b) => a - b);
    const extent = Math.max(...first) - Math.min(...first);
    expect(moves[2048]).toBeLessThan(0.05 * extent);
  });

  it('is fitUmap for fewer rows, also where more neighbours are wanted', async () => {
    const few = sheets(300, 10, 2);
    const alone = fitUmap(few, { ...options });
    const found = await fitUmapInParallel(few, { ...options, knnWidth: 20 });
    expect(found.embedding).toEqual(alone.embedding);
    expect(found.knn).toEqual(knnExact(few, { k: 20, metric: 'cosine' }));
    expect((await fitUmapInParallel(few, options)).knn).toEqual(alone.knn);
  });

  it('parts equal rows, and names a NaN', async () => {
    const equal = { ...points, data: new Float32Array(points.data.length).fill(0.5) };
    const layout = (await fitUmapInParallel(equal, { ...options, nEpochs: 3 })).embedding;
    expect(layout.every(Number.isFinite)).toBe(true);
    expect(new Set(layout).size).toBeGreaterThan(4000);
    const bad = { ...points, data: points.data.slice() };
    bad.data[30 * 77 + 3] = Number.NaN;
    await expect(fitUmapInParallel(bad, options)).rejects.toThrow(/row 77, column 3/);
  });

  it('ends its threads when the signal aborts', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const fit = fitUmapInParallel(points, {
      ...options,
      nEpochs: 1_000_000,
      signal: stop.signal,
      onProgress: ({ stage }) => {
        if (stage === 'optimize') stop.abort(reason);
      },
    });
    await expect(fit).rejects.toBe(reason);
    await expect(fitUmapInParallel(points, { ...options, signal: stop.signal })).rejects.toBe(
      reason,
    );
  });
});
