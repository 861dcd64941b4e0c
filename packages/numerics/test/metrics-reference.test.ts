import { describe, expect, it } from 'vitest';
import { transposed, withoutNoise } from '../src/cluster-metrics/contingency.js';
import { ContingencyCounter } from '../src/cluster-metrics/contingency-counter.js';
import {
  adjustedMutualInfo,
  mutualInformation,
  normalizedMutualInfo,
  normalizedMutualInfoOf,
  vMeasure,
  vMeasureOf,
} from '../src/cluster-metrics/information.js';
import { continuity, trustworthiness } from '../src/cluster-metrics/neighborhood.js';
import {
  adjustedRand,
  adjustedRandOf,
  fowlkesMallows,
  randIndex,
} from '../src/cluster-metrics/pair-counting.js';
import {
  clusterCompositions,
  clusterEntropy,
  compositionsOf,
  purity,
  purityOf,
} from '../src/cluster-metrics/purity.js';
import { silhouetteSamples } from '../src/cluster-metrics/silhouette.js';
import type { Metric } from '../src/knn/metric.js';
import {
  foldersIn,
  greatestDifference,
  has,
  readFloats,
  readInts,
  readMatrix,
  readMeta,
  referencePresent,
  referenceTitle,
} from './reference-data.js';

const folders = foldersIn('metrics');

interface MetricsMeta {
  readonly metrics: Record<'noise_as_cluster' | 'noise_removed', Record<string, number>>;
  readonly clusters: readonly Record<string, number>[];
}

interface TrustMeta {
  readonly case: { readonly set: string; readonly metric: Metric; readonly random_state: number };
  readonly values: readonly {
    readonly k: number;
    readonly trustworthiness: number;
    readonly continuity: number;
    readonly random_map_trustworthiness: number;
  }[];
}

function allMetrics(classes: Int32Array, clusters: Int32Array): Record<string, number> {
  const out: Record<string, number> = {
    purity: purity(classes, clusters),
    ari: adjustedRand(classes, clusters),
    rand: randIndex(classes, clusters),
    fowlkes_mallows: fowlkesMallows(classes, clusters),
    mutual_info_nats: mutualInformation(classes, clusters),
    entropy_weighted_nats: clusterEntropy(classes, clusters),
  };
  const v = vMeasure(classes, clusters);
  Object.assign(out, {
    homogeneity: v.homogeneity,
    completeness: v.completeness,
    v_measure: v.vMeasure,
  });
  for (const average of ['arithmetic', 'geometric', 'min', 'max'] as const) {
    out[`nmi_${average}`] = normalizedMutualInfo(classes, clusters, average);
    out[`ami_${average}`] = adjustedMutualInfo(classes, clusters, average);
  }
  return out;
}

/** The points one at a time; each is first put where it does not belong, then moved. */
function streamed(classes: Int32Array, clusters: Int32Array): ContingencyCounter {
  const counter = new ContingencyCounter();
  const order = Array.from(classes, (_, i) => (i * 7919) % classes.length);
  const isShuffle = new Set(order).size === classes.length;
  for (const i of isShuffle ? order : order.keys()) counter.add(classes[i]! + 1, clusters[i]! + 1);
  classes.forEach((label, i) => {
    counter.remove(label + 1, clusters[i]! + 1);
    counter.add(label, clusters[i]!);
  });
  return counter;
}

describe.skipIf(!referencePresent)(referenceTitle('metrics against the reference'), () => {
  it('finds the cases', () => expect(folders.length).toBeGreaterThanOrEqual(14));

  for (const name of folders.filter((folder) => !folder.startsWith('trust_'))) {
    it(name, () => {
      const path = ['metrics', name];
      const meta = readMeta<MetricsMeta>(...path);
      const classes = readInts(...path, 'classes.npy');
      const clusters = readInts(...path, 'clusters.npy');
      const modes = {
        noise_as_cluster: { classes, clusters },
        noise_removed: withoutNoise(classes, clusters),
      };
      for (const mode of ['noise_as_cluster', 'noise_removed'] as const) {
        const labels = modes[mode];
        const expected = meta.metrics[mode];
        expect(labels.classes.length).toBe(expected.n);
        if (expected.n === 0) continue;
        for (const [key, value] of Object.entries(allMetrics(labels.classes, labels.clusters))) {
          if (name === 'singletons' && key === 'ami_min') {
            // 0 / 0: the reference value is the ratio of two rounding errors.
            expect(value).toBe(0);
            continue;
          }
          expect(Math.abs(value - expected[key]!), `${mode} ${key} ${value}`).toBeLessThan(1e-9);
        }
      }
      const counter = streamed(classes, clusters);
      const tables = {
        noise_as_cluster: counter.table(),
        noise_removed: counter.table((cluster) => cluster >= 0),
      };
      for (const mode of ['noise_as_cluster', 'noise_removed'] as const) {
        const [table, expected] = [tables[mode], meta.metrics[mode]];
        expect(table.points).toBe(expected.n);
        if (expected.n === 0) continue;
        const v = vMeasureOf(table);
        const live = {
          purity: purityOf(table),
          ari: adjustedRandOf(table),
          nmi_arithmetic: normalizedMutualInfoOf(table),
          homogeneity: v.homogeneity,
          completeness: v.completeness,
          v_measure: v.vMeasure,
        };
        for (const [key, value] of Object.entries(live))
          expect(Math.abs(value - expected[key]!), `live ${mode} ${key}`).toBeLessThan(1e-9);
      }
      expect(compositionsOf(tables.noise_as_cluster)).toEqual(
        clusterCompositions(classes, clusters),
      );
      expect(compositionsOf(transposed(tables.noise_as_cluster))).toEqual(
        clusterCompositions(clusters, classes),
      );
      for (const [i, part] of clusterCompositions(classes, clusters).entries()) {
        const expected = meta.clusters[i]!;
        expect([part.cluster, part.size, part.majority, part.classes]).toEqual([
          expected.cluster,
          expected.size,
          expected.majority,
          expected.classes,
        ]);
        const ours = [part.purity, part.entropyNats, part.entropyBits, part.entropyNormalised];
        const theirs = ['purity', 'entropy_nats', 'entropy_bits', 'entropy_normalised'];
        expect(
          greatestDifference(
            ours,
            theirs.map((key) => expected[key]!),
          ),
        ).toBeLessThan(1e-12);
      }
      if (has(...path, 'silhouette_samples.npy')) {
        const samples = silhouetteSamples(readMatrix(...path, 'X.npy'), clusters);
        const expected = readFloats(...path, 'silhouette_samples.npy');
        expect(greatestDifference(samples, expected)).toBeLessThan(1e-9);
      }
    });
  }

  for (const name of folders.filter((folder) => folder.startsWith('trust_'))) {
    it(name, () => {
      const path = ['metrics', name];
      const meta = readMeta<TrustMeta>(...path);
      const { set, metric, random_state: seed } = meta.case;
      const rows = readInts(...path, 'rows.npy');
      const take = (matrix: ReturnType<typeof readMatrix>) => ({
        rows: rows.length,
        cols: matrix.cols,
        data: Float64Array.from(
          Array.from(rows).flatMap((row) =>
            Array.from(matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols)),
          ),
        ),
      });
      const points = take(readMatrix('umap', set, 'X.npy'));
      const layout = take(readMatrix('umap', set, metric, `embedding_${seed}.npy`));
      const random = readMatrix(...path, 'random_map.npy');
      // sklearn orders exactly equal distances as its sort happens to;
      // digits, whole numbers under euclidean distance, has them at every boundary.
      const tolerance = name === 'trust_digits_euclidean' ? 3e-4 : 1e-7;
      for (const value of meta.values) {
        const { k } = value;
        const trust = trustworthiness(points, layout, k, metric);
        expect(Math.abs(trust - value.trustworthiness)).toBeLessThan(tolerance);
        const kept = continuity(points, layout, k, metric);
        expect(Math.abs(kept - value.continuity)).toBeLessThan(tolerance);
        const lost = trustworthiness(points, random, k, metric);
        expect(Math.abs(lost - value.random_map_trustworthiness)).toBeLessThan(tolerance);
      }
    });
  }
});
