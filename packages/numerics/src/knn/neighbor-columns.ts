import type { Neighbors } from './neighbor-lists.js';

/** The `count` nearest of each list. */
export function firstColumns(knn: Neighbors, count: number): Neighbors {
  return count >= knn.k ? knn : columnsOf(knn, 0, count);
}

/** Of each list `count` from `first` on. */
export function columnsOf(
  { k, indices, distances }: Neighbors,
  first: number,
  count: number,
): Neighbors {
  const n = indices.length / k;
  const out = {
    k: count,
    indices: new Int32Array(n * count),
    distances: new Float32Array(n * count),
  };
  for (let i = 0; i < n; i++) {
    const from = i * k + first;
    out.indices.set(indices.subarray(from, from + count), i * count);
    out.distances.set(distances.subarray(from, from + count), i * count);
  }
  return out;
}

/** Lists of other lists: list i is that of `from[i]`, and what it names is named by `to`. */
export function renumbered(
  { k, indices, distances }: Neighbors,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
): Neighbors {
  const n = from.length;
  const out = { k, indices: new Int32Array(n * k), distances: new Float32Array(n * k) };
  for (let i = 0; i < n; i++) {
    const list = from[i]! * k;
    for (let c = 0; c < k; c++) {
      const other = indices[list + c]!;
      out.indices[i * k + c] = other < 0 ? -1 : to[other]!;
      out.distances[i * k + c] = distances[list + c]!;
    }
  }
  return out;
}
