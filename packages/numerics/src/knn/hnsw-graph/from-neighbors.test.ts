import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng } from '../../rng.js';
import { knnExact } from '../exact.js';
import { buildHnswIndex, type HnswIndex, knnFromIndex, loadHnswIndex } from '../hnsw.js';
import type { Metric } from '../metric.js';
import { linkNeighbours } from './base-layer.js';
import { coveringRows, withUnreached } from './entry-rows.js';
import { hnswGraphFromNeighbors } from './from-neighbors.js';
import { readLayers } from './hnswlib-file.js';

const folder = mkdtempSync(join(tmpdir(), 'glitchwatch-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'index.hnsw');

function graphBytes(index: HnswIndex): Uint8Array {
  index.saveGraph(path);
  return readFileSync(path);
}

/** `groups` centres with `spread` around them; rows go round the groups. */
function grouped(rows: number, cols: number, groups: number, spread: number) {
  const rng = createRng(7);
  const centres = Float32Array.from({ length: groups * cols }, () => rng.nextNormal());
  const data = Float32Array.from(
    { length: rows * cols },
    (_, p) =>
      centres[(Math.floor(p / cols) % groups) * cols + (p % cols)]! + spread * rng.nextNormal(),
  );
  return { rows, cols, data };
}

async function indexFromNeighbours(
  points: ReturnType<typeof grouped>,
  { k, metric = 'cosine' }: { readonly k: number; readonly metric?: Metric },
): Promise<HnswIndex> {
  const knn = knnExact(points, { k, metric });
  const options = { m: 16, efConstruction: 100, seed: 42, metric };
  writeFileSync(path, hnswGraphFromNeighbors(points, knn, { ...options, graphBytes }));
  return loadHnswIndex(path, points, options);
}

function recall(points: ReturnType<typeof grouped>, index: HnswIndex): number {
  const k = Math.min(15, points.rows);
  const exact = knnExact(points, { k, metric: index.metric });
  const found = knnFromIndex(index, k);
  let hits = 0;
  for (let row = 0; row < points.rows; row++) {
    const truth = new Set(exact.indices.subarray(row * k, (row + 1) * k));
    for (const other of found.indices.subarray(row * k, (row + 1) * k))
      if (truth.has(other)) hits++;
  }
  return hits / (points.rows * k);
}

describe('hnswGraphFromNeighbors', () => {
  it.each([
    ['one cloud', grouped(2_000, 24, 1, 1), 'cosine'],
    ['one cloud', grouped(2_000, 24, 1, 1), 'euclidean'],
    ['a few large groups', grouped(2_000, 24, 8, 0.3), 'cosine'],
    ['groups larger than a list, far apart', grouped(2_000, 48, 60, 0.02), 'cosine'],
    ['groups smaller than a list, far apart', grouped(2_000, 48, 300, 0.02), 'cosine'],
  ] as const)('finds about what row by row does: %s', async (_, points, metric) => {
    const inserted = buildHnswIndex(points, { metric, m: 16, efConstruction: 100, seed: 42 });
    const ours = recall(points, await indexFromNeighbours(points, { k: 25, metric }));
    expect(ours).toBeGreaterThan(Math.min(0.99, recall(points, inserted) - 0.01));
  });

  it('finds one of many equal rows, and rows that few are near to', async () => {
    const points = grouped(600, 12, 3, 0.2);
    points.data.copyWithin(0, 0, 12);
    for (let row = 1; row < 300; row++) points.data.copyWithin(row * 12, 0, 12);
    const index = await indexFromNeighbours(points, { k: 25 });
    for (let row = 0; row < 600; row++) {
      expect(index.search(index.vector(row), 1).distances[0]).toBeLessThan(1e-6);
    }
  });

  it.each([1, 2, 3, 20])('takes %i rows', async (rows) => {
    const points = grouped(rows, 5, 1, 1);
    const index = await indexFromNeighbours(points, { k: Math.min(rows, 25) });
    for (let row = 0; row < rows; row++) {
      const found = index.search(index.vector(row), rows);
      expect(found.indices[0]).toBe(row);
      expect(found.indices).toHaveLength(rows);
    }
  });

  it('gives the same bytes again', () => {
    const points = grouped(500, 8, 4, 0.3);
    const knn = knnExact(points, { k: 20, metric: 'cosine' });
    const bytes = hnswGraphFromNeighbors(points, knn, { graphBytes });
    expect(Buffer.compare(bytes, hnswGraphFromNeighbors(points, knn, { graphBytes }))).toBe(0);
  });

  it('writes the file that hnswlib writes of what it read', async () => {
    const points = grouped(700, 8, 4, 0.3);
    const index = await indexFromNeighbours(points, { k: 20 });
    const written = readFileSync(path);
    expect(Buffer.compare(graphBytes(index), written)).toBe(0);
  });

  it('refuses lists of other rows, and too few links', () => {
    const points = grouped(30, 4, 1, 1);
    const knn = knnExact(points, { k: 5, metric: 'cosine' });
    const fewer = grouped(20, 4, 1, 1);
    expect(() => hnswGraphFromNeighbors(fewer, knn, { graphBytes })).toThrow(
      /expected lists of 20/,
    );
    expect(() => hnswGraphFromNeighbors(points, knn, { m: 3, graphBytes })).toThrow(/m: expected/);
    expect(() => readLayers(graphBytes(buildHnswIndex(points)).subarray(0, 400))).toThrow(
      /hnswlib graph: expected/,
    );
  });
});

const lists = fc
  .record({
    rows: fc.integer({ min: 2, max: 60 }),
    seed: fc.integer(),
    k: fc.integer({ min: 2, max: 12 }),
  })
  .map(({ rows, seed, k }) => {
    const rng = createRng(seed);
    // Coarse, so that rows and distances repeat.
    const data = Float32Array.from({ length: rows * 2 }, () => Math.round(3 * rng.nextNormal()));
    return {
      rows,
      knn: knnExact({ rows, cols: 2, data }, { k: Math.min(k, rows), metric: 'euclidean' }),
    };
  });

describe('the lowest layer', () => {
  it('links rows to neighbours or back, none twice, and no row to itself', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 2, max: 6 }), ({ rows, knn }, m) => {
        const { width, links, counts } = linkNeighbours(knn, m);
        const isNear = (a: number, b: number): boolean =>
          knn.indices.subarray(a * knn.k, (a + 1) * knn.k).includes(b);
        for (let row = 0; row < rows; row++) {
          const own = [...links.subarray(row * width, row * width + counts[row]!)];
          expect(new Set(own).size).toBe(own.length);
          expect(own).not.toContain(row);
          for (const other of own) expect(isNear(row, other) || isNear(other, row)).toBe(true);
        }
      }),
    );
  });

  it('can be walked from its entries to every row', () => {
    fc.assert(
      fc.property(lists, ({ rows, knn }) => {
        const layer = linkNeighbours(knn, 4);
        const entries = withUnreached(layer, coveringRows(knn, 1));
        const reached = new Set(entries);
        for (const row of reached) {
          const at = row * layer.width;
          for (const other of layer.links.subarray(at, at + layer.counts[row]!)) reached.add(other);
        }
        expect(reached.size).toBe(rows);
        expect(entries).toEqual([...entries].sort((a, b) => a - b));
      }),
    );
  });
});
