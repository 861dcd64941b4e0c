import { describe, expect, it } from 'vitest';
import { continuity, trustworthiness } from '../src/cluster-metrics/neighborhood.js';
import type { RealMatrix } from '../src/matrix.js';
import { fitUmap } from '../src/umap/fit.js';
import { transformUmap } from '../src/umap/transform.js';
import {
  readInts,
  readMatrix,
  readMeta,
  referencePresent,
  referenceTitle,
} from './reference-data.js';

const cases = (['digits', 'gravityspy'] as const).flatMap((set) =>
  (['euclidean', 'cosine'] as const).map((metric) => ({ set, metric })),
);

interface LayoutMeta {
  readonly summary: {
    readonly k: number;
    readonly trustworthiness_min: number;
    readonly continuity_min: number;
  };
  readonly transform: { readonly knn5_label_accuracy_test_2d: number };
}

function take(matrix: RealMatrix, rows: Int32Array): RealMatrix {
  const data = new Float32Array(rows.length * matrix.cols);
  for (const [i, row] of rows.entries()) {
    data.set(matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols), i * matrix.cols);
  }
  return { rows: rows.length, cols: matrix.cols, data };
}

/** Share of rows whose label is the most frequent among the 5 nearest fitted places. */
function labelAccuracy(
  places: Float32Array,
  labels: Int32Array,
  queries: Float32Array,
  wanted: Int32Array,
): number {
  let right = 0;
  for (let i = 0; i < wanted.length; i++) {
    const near = Array.from(labels, (_, j) => j)
      .map((j) => ({
        j,
        d:
          (places[2 * j]! - queries[2 * i]!) ** 2 + (places[2 * j + 1]! - queries[2 * i + 1]!) ** 2,
      }))
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, 5);
    const votes = new Map<number, number>();
    for (const { j } of near) votes.set(labels[j]!, (votes.get(labels[j]!) ?? 0) + 1);
    const [winner] = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]!;
    if (winner === wanted[i]) right++;
  }
  return right / wanted.length;
}

describe.skipIf(!referencePresent)(referenceTitle('UMAP layouts against umap-learn'), () => {
  describe.each(cases)('$set, $metric', ({ set, metric }) => {
    it.each([1, 2, 42])(
      'is as trustworthy and continuous as its worst run, seed %i',
      (seed) => {
        const points = readMatrix('umap', set, 'X.npy');
        const { summary } = readMeta<LayoutMeta>('umap', set, metric);
        const { embedding } = fitUmap(points, { metric, randomState: seed });
        const layout = { rows: points.rows, cols: 2, data: embedding };
        const trust = trustworthiness(points, layout, summary.k, metric);
        const kept = continuity(points, layout, summary.k, metric);
        expect(trust).toBeGreaterThanOrEqual(summary.trustworthiness_min);
        expect(kept).toBeGreaterThanOrEqual(summary.continuity_min - 0.005);
      },
      60_000,
    );

    it('places held-out rows among their own label', () => {
      const points = readMatrix('umap', set, 'X.npy');
      const labels = readInts('umap', set, 'labels.npy');
      const { transform } = readMeta<LayoutMeta>('umap', set, metric);
      const trainRows = readInts('umap', set, metric, 'split_train.npy');
      const testRows = readInts('umap', set, metric, 'split_test.npy');
      const model = fitUmap(take(points, trainRows), { metric });
      const queries = take(points, testRows);
      const placed = transformUmap(model, queries);
      const accuracy = labelAccuracy(
        model.embedding,
        trainRows.map((row) => labels[row]!),
        placed,
        testRows.map((row) => labels[row]!),
      );
      expect(accuracy).toBeGreaterThanOrEqual(transform.knn5_label_accuracy_test_2d - 0.03);

      const alone = transformUmap(model, take(queries, Int32Array.of(7)));
      expect([...alone]).toEqual([...placed.subarray(14, 16)]);
    }, 60_000);
  });
});
