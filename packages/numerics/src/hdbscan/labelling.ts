import type { Selection } from './cluster-selection.js';
import { type CondensedTree, greatestLambdas } from './condensed-tree.js';
import type { HdbscanParams } from './options.js';

export interface Labelling {
  /** Cluster of each point, -1 for noise. */
  readonly labels: Int32Array;
  /** Strength of membership, 0 ... 1; 0 for noise. */
  readonly probabilities: Float64Array;
  /** Stability of each label's cluster, relative to the greatest it could have. */
  readonly clusterPersistence: Float64Array;
}

/** Label of every cluster of the tree (index 0 the root): its own or an ancestor's, else -1. */
export function labelsByCluster(tree: CondensedTree, selected: Int32Array): Int32Array {
  const n = tree.pointCount;
  const out = new Int32Array(tree.clusterCount).fill(-1);
  for (const [label, id] of selected.entries()) out[id - n] = label;
  // Rows list parents before children.
  for (let r = 0; r < tree.children.length; r++) {
    const child = tree.children[r]! - n;
    if (child >= 0 && out[child] === -1) out[child] = out[tree.parents[r]! - n]!;
  }
  return out;
}

/**
 * Least lambda at which a point belongs to the root when the root is the one
 * cluster selected: 1 / epsilon where an epsilon is given, else the root's greatest.
 */
export function rootThreshold(tree: CondensedTree, params: HdbscanParams): number {
  const { clusterSelectionEpsilon: epsilon } = params;
  return epsilon > 0 ? 1 / epsilon : (greatestLambdas(tree)[0] ?? 0);
}

/**
 * Labels of all points, with membership lambda / greatest lambda of the cluster
 * (McInnes and Healy 2017). Where a cluster holds equal points its greatest lambda
 * is infinite: those have probability 1 and its other points the limit, 0.
 */
export function labelPoints(
  tree: CondensedTree,
  selection: Selection,
  params: HdbscanParams,
): Labelling {
  const n = tree.pointCount;
  const { clusters, stabilities } = selection;
  const byCluster = labelsByCluster(tree, clusters);
  const greatest = greatestLambdas(tree);
  const rootIsCluster = clusters.length === 1 && clusters[0] === n && params.allowSingleCluster;
  const threshold = rootThreshold(tree, params);
  const labels = new Int32Array(n).fill(-1);
  const probabilities = new Float64Array(n);
  const counts = new Int32Array(clusters.length);
  let greatestOfAll = 0;
  for (let r = 0; r < tree.children.length; r++) {
    const lambda = tree.lambdas[r]!;
    if (lambda > greatestOfAll) greatestOfAll = lambda;
    const point = tree.children[r]!;
    if (point >= n) continue;
    const label = byCluster[tree.parents[r]! - n]!;
    if (label === -1) continue;
    // A selected root does not take every point, and takes none beside other clusters.
    if (clusters[label] === n && !(rootIsCluster && lambda >= threshold)) continue;
    labels[point] = label;
    counts[label]!++;
    probabilities[point] = membershipOf(lambda, greatest[clusters[label]! - n]!);
  }
  const clusterPersistence = new Float64Array(clusters.length);
  for (const [label, id] of clusters.entries()) {
    clusterPersistence[label] =
      !Number.isFinite(greatestOfAll) || greatestOfAll === 0 || counts[label] === 0
        ? 1
        : stabilities[id - n]! / (counts[label]! * greatestOfAll);
  }
  return { labels, probabilities, clusterPersistence };
}

/** lambda / greatest, at most 1, with its limits where either is infinite or 0. */
export function membershipOf(lambda: number, greatest: number): number {
  if (greatest === 0 || !Number.isFinite(lambda)) return 1;
  return Math.min(lambda, greatest) / greatest;
}
