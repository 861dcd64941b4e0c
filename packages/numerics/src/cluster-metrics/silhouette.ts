import { NumericsError } from '../errors.js';
import { finishDistance, type Metric, preparePoints, squaredDistance } from '../knn/metric.js';
import { assertPoints, type RealMatrix } from '../matrix.js';

/**
 * Silhouette of every point (Rousseeuw 1987): (b - a) / max(a, b), with a the mean
 * distance to its own group and b that to the nearest other group; 0 for a point
 * alone in its group. Any label is a group, -1 too. Time n^2.
 *
 * @throws NumericsError bad_shape, not_finite; bad_option unless there are 2 ... n - 1 groups.
 */
export function silhouetteSamples(
  points: RealMatrix,
  labels: ArrayLike<number>,
  metric: Metric = 'euclidean',
): Float64Array {
  assertPoints(points, 'points');
  const n = points.rows;
  if (labels.length !== n) {
    throw new NumericsError('bad_shape', `labels: expected ${n}, found ${labels.length}`);
  }
  const groups = [...new Set(Array.from(labels))];
  if (groups.length < 2 || groups.length >= n) {
    throw new NumericsError(
      'bad_option',
      `labels: expected 2 ... ${n - 1} groups for ${n} points, found ${groups.length}`,
    );
  }
  const place = new Map(groups.map((label, g) => [label, g]));
  const groupOf = Int32Array.from({ length: n }, (_, i) => place.get(labels[i]!)!);
  const sizes = new Float64Array(groups.length);
  for (const g of groupOf) sizes[g]!++;
  const prepared = preparePoints(points, metric);
  const { data, cols } = prepared;
  const sums = new Float64Array(groups.length);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    sums.fill(0);
    for (let j = 0; j < n; j++) {
      const squared = squaredDistance(data, i, data, j, cols);
      sums[groupOf[j]!]! += finishDistance(squared, prepared, i, prepared, j);
    }
    const own = groupOf[i]!;
    if (sizes[own] === 1) continue;
    const within = sums[own]! / (sizes[own]! - 1);
    let between = Number.POSITIVE_INFINITY;
    for (let g = 0; g < groups.length; g++) {
      if (g !== own) between = Math.min(between, sums[g]! / sizes[g]!);
    }
    const greater = Math.max(within, between);
    out[i] = greater > 0 ? (between - within) / greater : 0;
  }
  return out;
}

/** Mean of silhouetteSamples. */
export function silhouette(
  points: RealMatrix,
  labels: ArrayLike<number>,
  metric: Metric = 'euclidean',
): number {
  const samples = silhouetteSamples(points, labels, metric);
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}
