import type { CondensedTree } from './condensed-tree.js';
import { greatestLambdas } from './condensed-tree.js';
import type { Points64 } from './core-distances.js';
import { labelsByCluster, rootThreshold } from './labelling.js';
import type { HdbscanParams } from './options.js';
import { subtreeLambdas } from './outlier-scores.js';

/** A fit as approximatePredict reads it; clusters are indexed from the root = 0. */
export interface PredictionData {
  readonly points: Points64;
  readonly minSamples: number;
  /** Distance of each point to its (minSamples - 1)-th nearest other point. */
  readonly coreDistances: Float64Array;
  /** Cluster that each point leaves, and at which lambda. */
  readonly pointCluster: Int32Array;
  readonly pointLambda: Float64Array;
  /** Parent of each cluster (-1 for the root), and the lambda at which it is born. */
  readonly clusterParent: Int32Array;
  readonly clusterBirth: Float64Array;
  /** Label of each cluster: its own or a selected ancestor's, else -1. */
  readonly clusterLabel: Int32Array;
  /** Greatest lambda of the selected cluster that gives the label. */
  readonly clusterGreatest: Float64Array;
  /** Greatest lambda in or below each cluster, for outlier scores. */
  readonly subtreeGreatest: Float64Array;
  /** Lambda from which the root takes points, where it is the cluster selected. */
  readonly rootThreshold: number;
}

/** Look-up tables of a fit for approximatePredict. */
export function predictionData(
  points: Points64,
  coreDistances: Float64Array,
  tree: CondensedTree,
  selected: Int32Array,
  params: HdbscanParams,
): PredictionData {
  const n = tree.pointCount;
  const pointCluster = new Int32Array(n);
  const pointLambda = new Float64Array(n);
  const clusterParent = new Int32Array(tree.clusterCount).fill(-1);
  const clusterBirth = new Float64Array(tree.clusterCount);
  for (let r = 0; r < tree.children.length; r++) {
    const child = tree.children[r]!;
    const parent = tree.parents[r]! - n;
    if (child < n) {
      pointCluster[child] = parent;
      pointLambda[child] = tree.lambdas[r]!;
    } else {
      clusterParent[child - n] = parent;
      clusterBirth[child - n] = tree.lambdas[r]!;
    }
  }
  const clusterLabel = labelsByCluster(tree, selected);
  const own = greatestLambdas(tree);
  const clusterGreatest = new Float64Array(tree.clusterCount);
  for (let c = 0; c < clusterGreatest.length; c++) {
    const label = clusterLabel[c]!;
    if (label >= 0) clusterGreatest[c] = own[selected[label]! - n]!;
  }
  const rootAlone = selected.length === 1 && selected[0] === n;
  return {
    points,
    minSamples: params.minSamples,
    coreDistances,
    pointCluster,
    pointLambda,
    clusterParent,
    clusterBirth,
    clusterLabel,
    clusterGreatest,
    subtreeGreatest: subtreeLambdas(tree),
    rootThreshold: rootAlone ? rootThreshold(tree, params) : Number.POSITIVE_INFINITY,
  };
}
