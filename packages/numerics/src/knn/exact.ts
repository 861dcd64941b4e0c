import { NumericsError } from '../errors.js';
import { assertPoints, type RealMatrix } from '../matrix.js';
import { choiceOption, wholeOption } from '../options.js';
import { finishDistance, type Metric, preparePoints, squaredDistance } from './metric.js';
import { NeighborLists, type Neighbors } from './neighbor-lists.js';

export interface KnnOptions {
  /** Neighbours per row; column 0 is the row itself unless `excludeSelf`. */
  readonly k: number;
  readonly metric?: Metric;
  /** Leave the row itself out, so that column 0 is its nearest other row. */
  readonly excludeSelf?: boolean;
  readonly onProgress?: (fraction: number) => void;
}

/** Rows per tile: two tiles of 512 columns in float64 fit a 512 kB cache. */
const TILE = 64;

/**
 * Exact k nearest neighbours of every row of `points` (n x d) among the rows,
 * by distance in float64, equal distances by the lower index. The row itself
 * comes first, also among duplicates. k is cut to the rows there are.
 *
 * knnExact of [[0], [3], [1]] with k = 2 gives indices [0 2, 1 2, 2 0].
 *
 * @returns n x k indices and distances (float32); `k` as it was used.
 * @throws NumericsError bad_shape, not_finite (row and column named), bad_option.
 */
export function knnExact(points: RealMatrix, options: KnnOptions): Neighbors {
  assertPoints(points, 'points');
  const metric = choiceOption('metric', options.metric ?? 'euclidean', ['cosine', 'euclidean']);
  const wanted = wholeOption('k', options.k, 1);
  const prepared = preparePoints(points, metric);
  const { rows: n, cols, data } = prepared;
  const others = Math.max(0, Math.min(options.excludeSelf ? wanted : wanted - 1, n - 1));
  const lists = new NeighborLists(n, others);
  if (others > 0) {
    for (let tileI = 0; tileI < n; tileI += TILE) {
      const endI = Math.min(n, tileI + TILE);
      for (let tileJ = tileI; tileJ < n; tileJ += TILE) {
        const endJ = Math.min(n, tileJ + TILE);
        for (let i = tileI; i < endI; i++) {
          for (let j = Math.max(tileJ, i + 1); j < endJ; j++) {
            const squared = squaredDistance(data, i, data, j, cols);
            const distance = finishDistance(squared, prepared, i, prepared, j);
            lists.offer(i, distance, j);
            lists.offer(j, distance, i);
          }
        }
      }
      // Work left shrinks with the square of the rows left.
      options.onProgress?.(1 - ((n - endI) / n) ** 2);
    }
  }
  return options.excludeSelf ? withoutSelf(lists, others) : withSelfFirst(lists, n, others);
}

/**
 * Exact k nearest rows of `points` (n x d) for each row of `queries` (m x d);
 * ties as in knnExact. k is cut to n.
 *
 * @throws NumericsError bad_shape when the columns differ, not_finite, bad_option.
 */
export function knnQuery(
  points: RealMatrix,
  queries: RealMatrix,
  options: Omit<KnnOptions, 'excludeSelf'>,
): Neighbors {
  assertPoints(points, 'points');
  assertPoints(queries, 'queries');
  if (points.cols !== queries.cols && queries.rows > 0) {
    throw new NumericsError(
      'bad_shape',
      `queries: expected ${points.cols} columns as in points, found ${queries.cols}`,
    );
  }
  const metric = choiceOption('metric', options.metric ?? 'euclidean', ['cosine', 'euclidean']);
  const k = Math.min(wholeOption('k', options.k, 1), points.rows);
  const base = preparePoints(points, metric);
  const asked = preparePoints(queries, metric);
  const lists = new NeighborLists(asked.rows, k);
  if (k > 0) {
    for (let i = 0; i < asked.rows; i++) {
      for (let j = 0; j < base.rows; j++) {
        const squared = squaredDistance(asked.data, i, base.data, j, base.cols);
        lists.offer(i, finishDistance(squared, asked, i, base, j), j);
      }
      options.onProgress?.((i + 1) / asked.rows);
    }
  }
  return { k, indices: lists.indices, distances: Float32Array.from(lists.distances) };
}

function withoutSelf(lists: NeighborLists, k: number): Neighbors {
  return { k, indices: lists.indices, distances: Float32Array.from(lists.distances) };
}

function withSelfFirst(lists: NeighborLists, n: number, others: number): Neighbors {
  const k = n === 0 ? 0 : others + 1;
  const indices = new Int32Array(n * k);
  const distances = new Float32Array(n * k);
  for (let i = 0; i < n; i++) {
    indices[i * k] = i;
    for (let c = 0; c < others; c++) {
      indices[i * k + 1 + c] = lists.indices[i * others + c]!;
      distances[i * k + 1 + c] = lists.distances[i * others + c]!;
    }
  }
  return { k, indices, distances };
}
