import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedRand } from '../cluster-metrics/pair-counting.js';
import { createRng } from '../rng.js';
import { boruvkaTree } from './boruvka.js';
import { coreDistances, type Points64 } from './core-distances.js';
import { fitHdbscan } from './fit.js';
import { buildKdTree } from './kd-tree.js';
import { mutualReachabilityTree } from './spanning-tree.js';
import { treeCoreDistances } from './tree-core-distances.js';

/** Points on a coarse grid where `step` is large: many are equal and many distances tie. */
function cloud(rows: number, cols: number, seed: number, step: number): Points64 {
  const rng = createRng(seed);
  const data = new Float64Array(rows * cols).map(
    (_, p) => Math.round((rng.nextNormal() + 4 * (Math.floor(p / cols) % 5)) / step) * step,
  );
  return { rows, cols, data };
}

const clouds = fc
  .tuple(
    fc.integer({ min: 2, max: 400 }),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(),
    fc.constantFrom(1e-9, 0.25, 100),
  )
  .map(([rows, cols, seed, step]) => cloud(rows, cols, seed, step));

describe('the tree of points', () => {
  it('gives the core distances and the edge weights of the search by rows', () => {
    fc.assert(
      fc.property(clouds, fc.integer({ min: 1, max: 12 }), (points, minSamples) => {
        const byRows = coreDistances(points, minSamples);
        const tree = buildKdTree(points);
        const placed = treeCoreDistances(tree, minSamples);
        tree.rows.forEach((row, place) => {
          expect(placed.core[place]).toBe(byRows.core[row]);
          expect(placed.inner[place]).toBe(byRows.inner[row]);
        });
        const prim = mutualReachabilityTree(points, byRows.core);
        const boruvka = boruvkaTree(tree, placed);
        expect([...boruvka.weights]).toEqual([...prim.weights]);
        expectSpanning(boruvka, points.rows);
      }),
      { numRuns: 150, seed: 21 },
    );
  });

  it('leaves the families of fitHdbscan as they are', () => {
    const points = cloud(10_500, 2, 5, 1e-9);
    const { labels, spanningTree } = fitHdbscan(points, { minClusterSize: 30 });
    const prim = mutualReachabilityTree(points, coreDistances(points, 30).core);
    expect([...spanningTree.weights]).toEqual([...prim.weights]);
    const members = [...labels.keys()].filter((i) => labels[i]! >= 0);
    expect(members.length).toBeGreaterThan(9000);
    const blobs = members.map((i) => i % 5);
    const families = members.map((i) => labels[i]!);
    expect(adjustedRand(blobs, families)).toBeGreaterThan(0.99);
  });
});

function expectSpanning(
  { from, to }: { readonly from: Int32Array; readonly to: Int32Array },
  rows: number,
): void {
  const name = Int32Array.from({ length: rows }, (_, i) => i);
  const find = (i: number): number => (name[i] === i ? i : find(name[i]!));
  from.forEach((a, e) => {
    expect(find(a)).not.toBe(find(to[e]!));
    name[find(a)] = find(to[e]!);
  });
  expect(from).toHaveLength(rows - 1);
}
