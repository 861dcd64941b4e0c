import { type Contingency, contingency } from './contingency.js';

/** Ordered pairs of points by whether class and cluster agree. */
interface PairCounts {
  readonly sameBoth: number;
  readonly sameClusterOnly: number;
  readonly sameClassOnly: number;
  readonly differentBoth: number;
}

function pairCounts({ points, counts, classSizes, clusterSizes }: Contingency): PairCounts {
  const squares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);
  const both = squares(counts);
  return {
    sameBoth: both - points,
    sameClusterOnly: squares(clusterSizes) - both,
    sameClassOnly: squares(classSizes) - both,
    differentBoth: points * points - squares(clusterSizes) - squares(classSizes) + both,
  };
}

/** Share of pairs on which the labellings agree (Rand 1971); 1 for fewer than two points. */
export function randIndex(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const p = pairCounts(contingency(classes, clusters));
  const agreed = p.sameBoth + p.differentBoth;
  const all = agreed + p.sameClassOnly + p.sameClusterOnly;
  return agreed === all ? 1 : agreed / all;
}

/**
 * Rand index corrected for chance (Hubert and Arabie 1985): 1 for equal
 * partitions, about 0 for unrelated ones, never above 1.
 */
export function adjustedRand(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  return adjustedRandOf(contingency(classes, clusters));
}

/** adjustedRand of counted pairs. */
export function adjustedRandOf(table: Contingency): number {
  const p = pairCounts(table);
  const { sameBoth: tp, differentBoth: tn, sameClusterOnly: fp, sameClassOnly: fn } = p;
  if (fn === 0 && fp === 0) return 1;
  return (2 * (tp * tn - fn * fp)) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn));
}

/** Geometric mean of pairwise precision and recall (Fowlkes and Mallows 1983). */
export function fowlkesMallows(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const { sameBoth, sameClusterOnly, sameClassOnly } = pairCounts(contingency(classes, clusters));
  if (sameBoth === 0) return 0;
  const precision = sameBoth / (sameBoth + sameClusterOnly);
  const recall = sameBoth / (sameBoth + sameClassOnly);
  return Math.sqrt(precision) * Math.sqrt(recall);
}
