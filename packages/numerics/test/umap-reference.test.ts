import { describe, expect, it } from 'vitest';
import { knnExact, knnQuery } from '../src/knn/exact.js';
import type { Metric } from '../src/knn/metric.js';
import { createRng } from '../src/rng.js';
import { findAbParams } from '../src/umap/curve.js';
import { fuzzySimplicialSet, greatestWeight, withoutLightEdges } from '../src/umap/fuzzy-graph.js';
import { laplacianEigenvectors } from '../src/umap/laplacian-eigenvectors.js';
import { optimizeLayout } from '../src/umap/optimize-layout.js';
import { smoothKnnDist } from '../src/umap/smooth-knn-dist.js';
import { transformGraph } from '../src/umap/transform.js';
import {
  greatestDifference,
  has,
  readFloats,
  readInts,
  readMatrix,
  readMeta,
  readNpy,
  referencePresent,
  referenceTitle,
} from './reference-data.js';

const TOLERANCE = 1e-5;
const cases = (['digits', 'gravityspy'] as const).flatMap((set) =>
  (['euclidean', 'cosine'] as const).map((metric) => ({ set, metric })),
);

function referenceKnn(set: string, metric: Metric) {
  const { shape, data } = readNpy('umap', set, metric, 'knn_indices.npy');
  const distances = Float32Array.from(readNpy('umap', set, metric, 'knn_distances.npy').data);
  return { k: shape[1] as number, indices: Int32Array.from(data), distances };
}

describe.skipIf(!referencePresent)(referenceTitle('UMAP stages against the reference'), () => {
  it('fits a and b', () => {
    const { data } = readNpy('umap', 'ab', 'ab.npy');
    for (let row = 0; row < data.length; row += 4) {
      const [spread, minDist, a, b] = Array.from(data.subarray(row, row + 4));
      const ours = findAbParams(spread as number, minDist as number);
      expect(greatestDifference([ours.a, ours.b], [a as number, b as number])).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  describe.each(cases)('$set, $metric', ({ set, metric }) => {
    const path = ['umap', set, metric];

    it('finds the neighbours', () => {
      const expected = referenceKnn(set, metric);
      const ours = knnExact(readMatrix('umap', set, 'X.npy'), { k: expected.k, metric });
      expect([...ours.indices]).toEqual([...expected.indices]);
      expect(greatestDifference(ours.distances, expected.distances)).toBeLessThan(TOLERANCE);
    });

    it('smooths the distances', () => {
      const { sigmas, rhos } = smoothKnnDist(referenceKnn(set, metric));
      expect(greatestDifference(sigmas, readFloats(...path, 'sigmas.npy'))).toBeLessThan(TOLERANCE);
      expect(greatestDifference(rhos, readFloats(...path, 'rhos.npy'))).toBeLessThan(TOLERANCE);
    });

    it('joins the fuzzy sets', () => {
      const { graph } = fuzzySimplicialSet(referenceKnn(set, metric));
      const rows = readInts(...path, 'graph_row.npy');
      const ourRows = Array.from({ length: graph.n }, (_, i) =>
        Array.from({ length: graph.offsets[i + 1]! - graph.offsets[i]! }, () => i),
      ).flat();
      expect(ourRows).toEqual([...rows]);
      expect([...graph.columns]).toEqual([...readInts(...path, 'graph_col.npy')]);
      const weights = readFloats(...path, 'graph_val.npy');
      expect(greatestDifference(graph.weights, weights)).toBeLessThan(TOLERANCE);
    });

    it('finds the eigenvectors of the Laplacian', () => {
      const { graph } = fuzzySimplicialSet(referenceKnn(set, metric));
      const pruned = withoutLightEdges(graph, Math.fround(greatestWeight(graph) / 500));
      const { values, vectors, residual } = laplacianEigenvectors(pruned, 2, createRng(1));
      expect(residual).toBeLessThan(1e-6);
      const expectedValues = readFloats(...path, 'laplacian_eigenvalues6.npy');
      expect(greatestDifference(values, expectedValues.subarray(1, 3))).toBeLessThan(1e-7);
      const expected = readFloats(...path, 'laplacian_eigenvectors_1_2.npy');
      for (const column of [0, 1]) {
        let dot = 0;
        for (let p = column; p < expected.length; p += 2) dot += vectors[p]! * expected[p]!;
        expect(Math.abs(dot)).toBeGreaterThan(1 - 1e-6);
      }
    });

    it('builds the graph of new rows', () => {
      const all = readMatrix('umap', set, 'X.npy');
      const take = (rows: Int32Array) => ({
        rows: rows.length,
        cols: all.cols,
        data: Float32Array.from(
          Array.from(rows).flatMap((i) =>
            Array.from(all.data.subarray(i * all.cols, (i + 1) * all.cols)),
          ),
        ),
      });
      const train = take(readInts(...path, 'split_train.npy'));
      const queries = take(readInts(...path, 'graph_transform_rows.npy'));
      const knn = knnQuery(train, queries, { k: 15, metric });
      const memberships = transformGraph(knn);
      const coo = readFloats(...path, 'graph_transform_coo.npy');
      const expected = new Map<string, number>();
      const byRow: number[][] = Array.from({ length: queries.rows }, () => []);
      for (let p = 0; p < coo.length; p += 3) {
        expected.set(`${coo[p]},${coo[p + 1]}`, coo[p + 2]!);
        byRow[coo[p]!]!.push(coo[p + 2]!);
      }
      expect(expected.size).toBe(memberships.length);
      let shared = 0;
      for (let i = 0; i < queries.rows; i++) {
        const ours = memberships.slice(i * knn.k, (i + 1) * knn.k);
        for (let c = 0; c < knn.k; c++) {
          const theirs = expected.get(`${i},${knn.indices[i * knn.k + c]}`);
          if (theirs === undefined) continue;
          shared++;
          expect(Math.abs(ours[c]! - theirs)).toBeLessThan(1e-4);
        }
        // Of equally far k-th neighbours umap-learn may keep another: same strengths.
        const inOrder = byRow[i]!.sort((a, b) => b - a);
        expect(greatestDifference(ours.sort().reverse(), inOrder)).toBeLessThan(1e-4);
      }
      expect(shared).toBeGreaterThan(0.98 * memberships.length);
    });

    it.skipIf(!has(...path, 'opt_init.npy'))('descends as umap-learn from the same start', () => {
      const { optimizer } = readMeta<{ optimizer: { a: number; b: number } }>(...path);
      const edges = {
        heads: readInts(...path, 'opt_head.npy'),
        tails: readInts(...path, 'opt_tail.npy'),
        epochsPerSample: readFloats(...path, 'opt_epochs_per_sample.npy'),
      };
      // Chaotic: rounding alone parts the two within a few epochs at full rate.
      const runs = [
        { nEpochs: 10, initialAlpha: 0.01, greatest: 1e-5, mean: 1e-6 },
        { nEpochs: 30, initialAlpha: 0.01, greatest: 1e-5, mean: 1e-6 },
        { nEpochs: 2, initialAlpha: 1, greatest: 2e-4, mean: 1e-6 },
        { nEpochs: 3, initialAlpha: 1, greatest: 0.2, mean: 2e-3 },
      ];
      for (const { nEpochs, initialAlpha, greatest, mean } of runs) {
        const layout = Float32Array.from(readNpy(...path, 'opt_init.npy').data);
        optimizeLayout(layout, layout, edges, {
          dim: 2,
          nEpochs,
          initialAlpha,
          curve: { a: optimizer.a, b: optimizer.b },
          seeds: readFloats(...path, 'opt_rng_state.npy'),
        });
        const expected = readFloats(...path, `opt_epochs${nEpochs}_alpha${initialAlpha}.npy`);
        const differences = expected.map((value, p) => Math.abs(layout[p]! - value));
        const what = `${nEpochs} epochs at ${initialAlpha}`;
        expect(Math.max(...differences), what).toBeLessThan(greatest);
        const sum = differences.reduce((total, value) => total + value, 0);
        expect(sum / differences.length, what).toBeLessThan(mean);
      }
    });
  });
});
