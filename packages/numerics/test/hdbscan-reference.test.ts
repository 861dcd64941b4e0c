import { describe, expect, it } from 'vitest';
import { approximatePredict } from '../src/hdbscan/approximate-predict.js';
import { selectClusters } from '../src/hdbscan/cluster-selection.js';
import { condenseTree } from '../src/hdbscan/condensed-tree.js';
import { coreDistances } from '../src/hdbscan/core-distances.js';
import { fitHdbscan } from '../src/hdbscan/fit.js';
import { labelPoints } from '../src/hdbscan/labelling.js';
import { type HdbscanParams, hdbscanParams } from '../src/hdbscan/options.js';
import { outlierScores } from '../src/hdbscan/outlier-scores.js';
import { predictionData } from '../src/hdbscan/prediction-data.js';
import { singleLinkage } from '../src/hdbscan/single-linkage.js';
import {
  canonicalLabels,
  foldersIn,
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

const TOLERANCE = 1e-6;
const sets = foldersIn('hdbscan');

/** The file of the stable sort where the outcome depends on it, else the plain one. */
function stableOr(path: string[], name: string): string[] {
  return has(...path, `stable_${name}`) ? [...path, `stable_${name}`] : [...path, name];
}

interface HdbscanMeta {
  readonly parameters: Record<string, unknown>;
  readonly min_samples: number;
  readonly min_cluster_size: number;
  readonly error?: string;
}

function optionsOf(parameters: Record<string, unknown>) {
  return {
    minClusterSize: parameters.min_cluster_size as number,
    ...(typeof parameters.min_samples === 'number' ? { minSamples: parameters.min_samples } : {}),
    clusterSelectionMethod: parameters.cluster_selection_method as 'eom' | 'leaf',
    clusterSelectionEpsilon: (parameters.cluster_selection_epsilon as number) ?? 0,
    allowSingleCluster: (parameters.allow_single_cluster as boolean) ?? false,
  };
}

describe.skipIf(!referencePresent)(referenceTitle('HDBSCAN against the reference'), () => {
  it('finds the reference sets', () => {
    expect(sets).toContain('moons');
    expect(sets.length).toBeGreaterThanOrEqual(8);
  });

  for (const set of sets) {
    for (const folder of foldersIn('hdbscan', set)) {
      const path = ['hdbscan', set, folder];
      const meta = readMeta<HdbscanMeta>(...path);

      if (/^mcs/.test(folder)) {
        it(`${set}/${folder}: labels, probabilities, outlier scores, persistence`, () => {
          const model = fitHdbscan(readMatrix('hdbscan', set, 'X.npy'), optionsOf(meta.parameters));
          if (meta.error) {
            // One point: the package raises, here it is noise.
            expect([...model.labels]).toEqual([-1]);
            expect([...model.probabilities]).toEqual([0]);
            return;
          }
          const labels = readInts(...stableOr(path, 'labels.npy'));
          expect(canonicalLabels(model.labels)).toEqual(canonicalLabels(labels));
          const probabilities = readFloats(...stableOr(path, 'probabilities.npy'));
          expect(greatestDifference(model.probabilities, probabilities)).toBeLessThan(TOLERANCE);
          const persistence = readFloats(...stableOr(path, 'cluster_persistence.npy'));
          expect(greatestDifference(model.clusterPersistence, persistence)).toBeLessThan(TOLERANCE);
          // Scores are kept for the unstable sort only, unless labels depend on it too.
          const weights = model.spanningTree.weights;
          if (hasTies(weights) && !has(...path, 'stable_outlier_scores.npy')) return;
          const scores = withLimits(readFloats(...stableOr(path, 'outlier_scores.npy')));
          expect(greatestDifference(model.outlierScores, scores)).toBeLessThan(TOLERANCE);
        });

        it(`${set}/${folder}: every stage after the package's own spanning tree`, () => {
          if (meta.error) return;
          const params = hdbscanParams(optionsOf(meta.parameters));
          const { condensed, selection } = fromReferenceTree(set, params, 'mst_links.npy');
          const labelling = labelPoints(condensed, selection, params);
          expect([...labelling.labels]).toEqual([...readInts(...path, 'labels.npy')]);
          const probabilities = readFloats(...path, 'probabilities.npy');
          expect(greatestDifference(labelling.probabilities, probabilities)).toBeLessThan(1e-9);
          const persistence = readFloats(...path, 'cluster_persistence.npy');
          expect(greatestDifference(labelling.clusterPersistence, persistence)).toBeLessThan(
            TOLERANCE,
          );
          const scores = withLimits(readFloats(...path, 'outlier_scores.npy'));
          expect(greatestDifference(outlierScores(condensed), scores)).toBeLessThan(1e-9);
        });
      }

      if (/^tree_ms/.test(folder) && has(...path, 'mst_weights.npy')) {
        it(`${set}/${folder}: core distances, spanning tree, dendrogram`, () => {
          const minSamples = meta.min_samples;
          const points = readMatrix('hdbscan', set, 'X.npy');
          const model = fitHdbscan(points, { minSamples });
          const core = readFloats(...path, 'core_distances.npy');
          expect(greatestDifference(model.coreDistances, core)).toBeLessThan(1e-12);
          const weights = readFloats(...path, 'mst_weights.npy');
          expect(greatestDifference(model.spanningTree.weights, weights)).toBeLessThan(1e-12);
          const stable = has(...path, 'stable_mst_links.npy');
          if (!stable && hasTies(weights)) return;
          const links = readInts(...stableOr(path, 'mst_links.npy'));
          const ours = Array.from(model.spanningTree.to, (to, e) => [
            model.spanningTree.from[e],
            to,
          ]);
          expect(ours.flat()).toEqual([...links]);
          const merges = readInts(...stableOr(path, 'single_linkage_links.npy'));
          const { left, right, sizes } = model.singleLinkage;
          expect(Array.from(left, (l, m) => [l, right[m], sizes[m]]).flat()).toEqual([...merges]);
        });
      }

      if (/^condensed/.test(folder)) {
        it(`${set}/${folder}: condensed tree of the same edges`, () => {
          const tree = ['hdbscan', set, `tree_ms${meta.min_samples}`];
          const stable = has(...path, 'stable_condensed_links.npy');
          const links = readInts(...tree, stable ? 'stable_mst_links.npy' : 'mst_links.npy');
          const n = links.length / 2 + 1;
          const linkage = singleLinkage({
            from: links.filter((_, i) => i % 2 === 0),
            to: links.filter((_, i) => i % 2 === 1),
            weights: readFloats(...tree, 'mst_weights.npy'),
          });
          const condensed = condenseTree(linkage, n, meta.min_cluster_size);
          const expected = readNpy(...stableOr(path, 'condensed_links.npy')).data;
          const ours = Array.from(condensed.parents, (parent, r) => [
            parent,
            condensed.children[r],
            condensed.sizes[r],
          ]);
          expect(ours.flat()).toEqual([...expected]);
          const lambdas = readFloats(...stableOr(path, 'condensed_lambda.npy'));
          expect(greatestDifference(condensed.lambdas, lambdas)).toBeLessThan(1e-9);
        });
      }

      if (/^predict/.test(folder)) {
        it(`${set}/${folder}: approximate prediction`, () => {
          const points = readMatrix('hdbscan', set, 'X.npy');
          const params = hdbscanParams(optionsOf(meta.parameters));
          const { condensed, selection } = fromReferenceTree(set, params, 'mst_links.npy');
          const points64 = { ...points, data: Float64Array.from(points.data) };
          const { inner } = coreDistances(points64, params.minSamples);
          const ids = selection.clusters;
          const prediction = predictionData(points64, inner, condensed, ids, params);
          const predicted = approximatePredict({ prediction }, readMatrix(...path, 'query.npy'));
          expect([...predicted.labels]).toEqual([...readInts(...path, 'predicted_labels.npy')]);
          const probabilities = readFloats(...path, 'predicted_probabilities.npy');
          expect(greatestDifference(predicted.probabilities, probabilities)).toBeLessThan(
            TOLERANCE,
          );
          const connecting = readInts(...path, 'connecting_points.npy');
          expect([...predicted.connectingPoints]).toEqual([...connecting]);
          const model = fitHdbscan(points, optionsOf(meta.parameters));
          const self = approximatePredict(model, points);
          expect(canonicalLabels(self.labels)).toEqual(canonicalLabels(model.labels));
        });
      }
    }
  }
});

function hasTies(weights: Float64Array): boolean {
  return weights.some((weight, e) => e > 0 && weight === weights[e - 1]);
}

/** Where the package has NaN (beside duplicates) the port has the limit. */
function withLimits(scores: Float64Array): Float64Array {
  return scores.map((score) => (Number.isNaN(score) ? 1 : score));
}

/** Condensed tree and selection from the package's own edges. */
function fromReferenceTree(set: string, params: HdbscanParams, links: string) {
  const tree = ['hdbscan', set, `tree_ms${params.minSamples}`];
  const edges = readInts(...tree, links);
  const linkage = singleLinkage({
    from: edges.filter((_, i) => i % 2 === 0),
    to: edges.filter((_, i) => i % 2 === 1),
    weights: readFloats(...tree, 'mst_weights.npy'),
  });
  const condensed = condenseTree(linkage, edges.length / 2 + 1, params.minClusterSize);
  return { condensed, selection: selectClusters(condensed, params) };
}
