import { createRng } from '../../rng.js';
import type { Neighbors } from '../neighbor-lists.js';
import type { BaseLayer } from './base-layer.js';

/** A row stands for neighbours at most this many times as far as its fourth one... */
const REACH = 4;
const REACH_OF = 4;

/**
 * Rows of the upper layers, ascending: some of all, so that each other row has one among its
 * neighbours that is about as near as they are. Small groups far from all others have one of
 * their own that way, which a draw by chance does not promise.
 */
export function coveringRows({ k, indices, distances }: Neighbors, seed: number): number[] {
  const n = indices.length / k;
  const isEntry = new Uint8Array(n);
  const isCovered = new Uint8Array(n);
  for (const row of shuffled(n, seed)) {
    if (isCovered[row] === 1) continue;
    const at = row * k;
    const reach = REACH * distances[at + Math.min(REACH_OF, k - 1)]!;
    let end = at;
    while (end < at + k && indices[end]! >= 0 && distances[end]! <= reach) end++;
    const near = indices.subarray(at, end);
    if (near.some((other) => isEntry[other] === 1)) continue;
    isEntry[row] = 1;
    for (const other of near) isCovered[other] = 1;
  }
  return rowsWhere(isEntry);
}

/** `entries` and a row of each part of the layer that no way leads to from them, ascending. */
export function withUnreached(layer: BaseLayer, entries: readonly number[]): number[] {
  const { width, links, counts } = layer;
  const n = counts.length;
  const isReached = new Uint8Array(n);
  const isEntry = new Uint8Array(n);
  const queue = new Int32Array(n);
  const spread = (from: number): void => {
    isEntry[from] = 1;
    if (isReached[from] === 1) return;
    isReached[from] = 1;
    queue[0] = from;
    let end = 1;
    for (let next = 0; next < end; next++) {
      const at = queue[next]! * width;
      for (let p = at; p < at + counts[queue[next]!]!; p++) {
        const other = links[p]!;
        if (isReached[other] === 1) continue;
        isReached[other] = 1;
        queue[end++] = other;
      }
    }
  };
  for (const row of entries) spread(row);
  for (let row = 0; row < n; row++) if (isReached[row] === 0) spread(row);
  return rowsWhere(isEntry);
}

function shuffled(n: number, seed: number): Uint32Array {
  const rng = createRng(seed);
  const order = Uint32Array.from({ length: n }, (_, row) => row);
  for (let last = n - 1; last > 0; last--) {
    const other = rng.nextInt(last + 1);
    const row = order[last]!;
    order[last] = order[other]!;
    order[other] = row;
  }
  return order;
}

function rowsWhere(marks: Uint8Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < marks.length; row++) if (marks[row] === 1) rows.push(row);
  return rows;
}
