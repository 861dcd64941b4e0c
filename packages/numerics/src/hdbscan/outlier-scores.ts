import { type CondensedTree, greatestLambdas } from './condensed-tree.js';

/** Greatest lambda in each cluster or anywhere below it; index 0 is the root. */
export function subtreeLambdas(tree: CondensedTree): Float64Array {
  const n = tree.pointCount;
  const out = greatestLambdas(tree);
  // Backwards, because rows list parents before children.
  for (let r = tree.children.length - 1; r >= 0; r--) {
    const child = tree.children[r]! - n;
    if (child < 0) continue;
    const parent = tree.parents[r]! - n;
    if (out[child]! > out[parent]!) out[parent] = out[child]!;
  }
  return out;
}

/**
 * GLOSH outlier score of every point: 1 - lambda(point) / greatest lambda below the
 * cluster it leaves (Campello et al. 2015, eq. 8). 0 deep inside, towards 1 far out.
 *
 * Below a cluster with equal points the greatest lambda is infinite. The hdbscan
 * package then has NaN for its other points; here they get the limit, 1, and the
 * equal points themselves 0.
 */
export function outlierScores(tree: CondensedTree): Float64Array {
  const n = tree.pointCount;
  const greatest = subtreeLambdas(tree);
  const out = new Float64Array(n);
  for (let r = 0; r < tree.children.length; r++) {
    const point = tree.children[r]!;
    if (point < n) out[point] = outlierScoreOf(tree.lambdas[r]!, greatest[tree.parents[r]! - n]!);
  }
  return out;
}

/** 1 - lambda / greatest, within 0 ... 1, with its limits at infinity. */
export function outlierScoreOf(lambda: number, greatest: number): number {
  if (greatest === 0 || lambda >= greatest) return 0;
  return Number.isFinite(greatest) ? (greatest - lambda) / greatest : 1;
}
