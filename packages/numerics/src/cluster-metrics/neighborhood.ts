import { NumericsError } from '../errors.js';
import {
  finishDistance,
  type Metric,
  type PreparedPoints,
  preparePoints,
  squaredDistance,
} from '../knn/metric.js';
import { assertPoints, type RealMatrix } from '../matrix.js';

/**
 * Trustworthiness of a layout (Venna and Kaski 2001): 1 minus a penalty for every
 * point among the k nearest in `layout` that is not among the k nearest in `points`,
 * by how much farther down the list it stands there. Equally near ones go by the
 * lower row. Time n^2.
 *
 * @param points n x d original rows, compared by `metric`.
 * @param layout n x p rows of the map, compared by euclidean distance.
 * @throws NumericsError bad_shape, not_finite; bad_option unless 1 <= k < n / 2.
 */
export function trustworthiness(
  points: RealMatrix,
  layout: RealMatrix,
  k: number,
  metric: Metric = 'euclidean',
): number {
  const { original, mapped } = prepare(points, layout, k, metric);
  return intrusionScore(original, mapped, k);
}

/**
 * Continuity of a layout (Venna and Kaski 2001): as trustworthiness with the two
 * spaces exchanged, so it counts neighbours that the map tears away.
 */
export function continuity(
  points: RealMatrix,
  layout: RealMatrix,
  k: number,
  metric: Metric = 'euclidean',
): number {
  const { original, mapped } = prepare(points, layout, k, metric);
  return intrusionScore(mapped, original, k);
}

function prepare(points: RealMatrix, layout: RealMatrix, k: number, metric: Metric) {
  assertPoints(points, 'points');
  assertPoints(layout, 'layout');
  if (layout.rows !== points.rows) {
    throw new NumericsError(
      'bad_shape',
      `layout: expected ${points.rows} rows as in points, found ${layout.rows}`,
    );
  }
  if (!Number.isInteger(k) || k < 1 || k >= points.rows / 2) {
    throw new NumericsError(
      'bad_option',
      `k: expected a whole number >= 1 and below half of ${points.rows} rows, found ${k}`,
    );
  }
  return { original: preparePoints(points, metric), mapped: preparePoints(layout, 'euclidean') };
}

/** 1 - 2 / (n k (2 n - 3 k - 1)) x sum over intruders in `shown` of (rank in `truth` - k). */
function intrusionScore(truth: PreparedPoints, shown: PreparedPoints, k: number): number {
  const n = truth.rows;
  const truthRow = new Float64Array(n);
  const shownRow = new Float64Array(n);
  const nearest = new Int32Array(k);
  let penalty = 0;
  for (let i = 0; i < n; i++) {
    distancesFrom(truth, i, truthRow);
    distancesFrom(shown, i, shownRow);
    smallest(shownRow, i, nearest);
    for (const j of nearest) penalty += Math.max(0, rankOf(truthRow, i, j) - k);
  }
  return 1 - (penalty * 2) / (n * k * (2 * n - 3 * k - 1));
}

function distancesFrom(points: PreparedPoints, i: number, out: Float64Array): void {
  const { data, cols } = points;
  for (let j = 0; j < out.length; j++) {
    out[j] = finishDistance(squaredDistance(data, i, data, j, cols), points, i, points, j);
  }
}

/** Rows with the smallest values, leaving out row `self`. */
function smallest(row: Float64Array, self: number, out: Int32Array): void {
  let filled = 0;
  for (let j = 0; j < row.length; j++) {
    if (j === self) continue;
    if (filled === out.length && !(row[j]! < row[out[filled - 1]!]!)) continue;
    let at = filled < out.length ? filled++ : filled - 1;
    while (at > 0 && row[out[at - 1]!]! > row[j]!) {
      out[at] = out[at - 1]!;
      at--;
    }
    out[at] = j;
  }
}

/** Place of j in the list of rows by distance from `self`, the nearest at 1. */
function rankOf(row: Float64Array, self: number, j: number): number {
  const distance = row[j]!;
  let rank = 1;
  for (let other = 0; other < row.length; other++) {
    if (other === self) continue;
    if (row[other]! < distance || (row[other] === distance && other < j)) rank++;
  }
  return rank;
}
