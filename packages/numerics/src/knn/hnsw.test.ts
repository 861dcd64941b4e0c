import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matrixFromRows } from '../matrix.js';
import { createRng } from '../rng.js';
import { knnExact } from './exact.js';
import { buildHnswIndex, deserializeHnswIndex, knnFromIndex, loadHnswIndex } from './hnsw.js';

const cols = 24;
function clustered(rows: number, seed: number) {
  const rng = createRng(seed);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < cols; c++) data[i * cols + c] = rng.nextNormal() + (c === i % 6 ? 6 : 0);
  }
  return { rows, cols, data };
}
const points = clustered(1500, 1);
const query = (i: number) => points.data.subarray(i * cols, (i + 1) * cols);

describe('HnswIndex', () => {
  it.each(['cosine', 'euclidean'] as const)('recalls the exact neighbours, %s', (metric) => {
    const exact = knnExact(points, { k: 15, metric });
    const found = knnFromIndex(buildHnswIndex(points, { metric }), 15);
    let hits = 0;
    for (let i = 0; i < points.rows; i++) {
      const truth = new Set(exact.indices.subarray(i * 15, i * 15 + 15));
      for (const j of found.indices.subarray(i * 15, i * 15 + 15)) if (truth.has(j)) hits++;
      expect(found.indices[i * 15]).toBe(i);
    }
    expect(hits / exact.indices.length).toBeGreaterThan(0.99);
    const same = exact.indices.findIndex((j, p) => j !== found.indices[p]);
    const upTo = same < 0 ? exact.indices.length : same;
    expect([...found.distances.subarray(0, upTo)]).toEqual([...exact.distances.subarray(0, upTo)]);
  });

  it('answers the same after a second build, and after bytes', () => {
    const index = buildHnswIndex(points, { metric: 'cosine', m: 8, seed: 3 });
    const again = buildHnswIndex(points, { metric: 'cosine', m: 8, seed: 3 });
    const padded = new Uint8Array(index.serialize().length + 1);
    padded.set(index.serialize(), 1);
    const back = deserializeHnswIndex(padded.subarray(1));
    expect([back.metric, back.m, back.seed, back.size]).toEqual(['cosine', 8, 3, 1500]);
    for (let i = 0; i < 50; i++) {
      expect(again.search(query(i), 10)).toEqual(index.search(query(i), 10));
      expect(back.search(query(i), 10)).toEqual(index.search(query(i), 10));
    }
  });

  it('grows, and numbers rows in the order they came', () => {
    const index = buildHnswIndex({ rows: 0, cols, data: new Float32Array(0) });
    expect(index.search(query(0), 3).indices).toHaveLength(0);
    for (let i = 0; i < points.rows; i++) expect(index.add(query(i))).toBe(i);
    const found = index.search(query(1234), 1);
    expect([...found.indices]).toEqual([1234]);
    expect(found.distances[0]).toBe(0);
    expect([...index.vector(1234)]).toEqual([...query(1234)]);
    expect(deserializeHnswIndex(index.serialize()).search(query(9), 5)).toEqual(
      index.search(query(9), 5),
    );
  });

  it('follows as many candidates as its options say, unless told', () => {
    const wide = buildHnswIndex(points, { ef: 7 });
    const usual = buildHnswIndex(points);
    for (let i = 0; i < 50; i++) {
      expect(wide.search(query(i), 3)).toEqual(usual.search(query(i), 3, 7));
      expect(wide.search(query(i), 3, 100)).toEqual(usual.search(query(i), 3));
    }
    expect(() => buildHnswIndex(points, { ef: 0 })).toThrow(/ef: expected/);
  });

  it('gives duplicates lowest row first, and all rows when fewer than k', () => {
    const index = buildHnswIndex(
      matrixFromRows([
        [1, 1],
        [1, 0],
        [1, 1],
        [1, 1],
      ]),
    );
    const { indices, distances } = index.search(Float32Array.of(1, 1), 9);
    expect([...indices]).toEqual([0, 2, 3, 1]);
    expect([...distances.subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  it('refuses bad input and bytes', () => {
    const index = buildHnswIndex(points);
    expect(() => index.search(new Float32Array(3), 1)).toThrow(
      /query: expected 24 values, found 3/,
    );
    expect(() => index.add(new Float32Array(cols).fill(Number.NaN))).toThrow(/row 0, column 0/);
    expect(() => index.search(query(0), 0)).toThrow(/k:/);
    expect(() => deserializeHnswIndex(new Uint8Array(5))).toThrow(/version 1 header/);
    expect(() => deserializeHnswIndex(index.serialize().subarray(0, 999))).toThrow(/found 999/);
    expect(() => buildHnswIndex({ rows: 0, cols: 0, data: new Float32Array(0) })).toThrow(/column/);
  });

  describe('with a graph file', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'hnsw-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('loads the graph beside its vectors and goes on growing', async () => {
      const options = { metric: 'cosine', seed: 3 } as const;
      const index = buildHnswIndex(points, options);
      const path = join(folder, 'graph.bin');
      index.saveGraph(path);
      const loaded = await loadHnswIndex(path, points, options);
      expect(loaded.size).toBe(1500);
      for (let i = 0; i < 50; i++) {
        expect(loaded.search(query(i), 10)).toEqual(index.search(query(i), 10));
      }
      const added = Float32Array.from(query(0), (v) => -v);
      expect(loaded.add(added)).toBe(1500);
      expect([...loaded.search(added, 1).indices]).toEqual([1500]);
      const fewer = { rows: 10, cols, data: points.data.subarray(0, 10 * cols) };
      await expect(loadHnswIndex(path, fewer, options)).rejects.toThrow(
        /expected a graph of 10 rows/,
      );
      await expect(loadHnswIndex(join(folder, 'none'), points, options)).rejects.toThrow(/none/);
    });
  });
});
