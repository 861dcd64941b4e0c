import type { Neighbors } from '../neighbor-lists.js';

/** Links of the lowest layer, which has all rows. */
export interface BaseLayer {
  /** Room for links per row. */
  readonly width: number;
  /** n x width row numbers, of which each row has the first `counts`. */
  readonly links: Int32Array;
  readonly counts: Uint16Array;
}

/**
 * Links each row to at most `m` of its neighbours and, where there is room in `2 m`, back
 * from them.
 *
 * Of the neighbours, those are taken to which no neighbour that was taken before is nearer
 * than the row itself: they lie in different directions (Malkov and Yashunin 2018, algorithm
 * 4). The others made a search slower for no gain. Whether one is nearer is read off the lists
 * alone: what a list does not have is taken for far, which is true but for errors of the
 * lists where that list reaches as far. So no vector is looked at.
 */
export function linkNeighbours(knn: Neighbors, m: number): BaseLayer {
  const n = knn.indices.length / knn.k;
  const width = 2 * m;
  const layer = { width, links: new Int32Array(n * width), counts: new Uint16Array(n) };
  const hasEqual = linkForward(knn, m, layer);
  linkBack(layer, m, hasEqual);
  return layer;
}

/** Adds a link where there is room and it is none of them yet. */
export function addLink({ width, links, counts }: BaseLayer, from: number, to: number): void {
  const at = from * width;
  const count = counts[from]!;
  if (count === width || from === to) return;
  for (let p = at; p < at + count; p++) if (links[p] === to) return;
  links[at + count] = to;
  counts[from] = count + 1;
}

/** Returns 1 for rows whose first link is to an equal one. */
function linkForward(
  { k, indices, distances }: Neighbors,
  m: number,
  layer: BaseLayer,
): Uint8Array {
  const { width, links, counts } = layer;
  const n = counts.length;
  /** Column of each neighbour of the row in hand, behind k times the row. */
  const columns = new Float64Array(n).fill(-1);
  const isHidden = new Uint8Array(k);
  const hasEqual = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const at = row * k;
    for (let c = 0; c < k; c++) if (indices[at + c]! >= 0) columns[indices[at + c]!] = at + c;
    isHidden.fill(0);
    let count = 0;
    for (let c = 0; c < k && count < m; c++) {
      const taken = indices[at + c]!;
      if (isHidden[c] === 1 || taken === row || taken < 0) continue;
      if (distances[at + c] === 0) {
        if (hasEqual[row] === 1) continue;
        hasEqual[row] = 1;
      }
      links[row * width + count++] = taken;
      for (let e = taken * k; e < (taken + 1) * k; e++) {
        const column = indices[e]! < 0 ? -1 : columns[indices[e]!]!;
        if (column > at + c && distances[e]! < distances[column]!) isHidden[column - at] = 1;
      }
    }
    counts[row] = count;
  }
  return hasEqual;
}

/** The first links of all rows before the second ones, equal rows last: the best have the room. */
function linkBack(layer: BaseLayer, m: number, hasEqual: Uint8Array): void {
  const { width, links, counts } = layer;
  const forward = counts.slice();
  for (let slot = 0; slot < m; slot++) {
    for (let row = 0; row < forward.length; row++) {
      if (slot >= forward[row]! || (slot === 0 && hasEqual[row] === 1)) continue;
      addLink(layer, links[row * width + slot]!, row);
    }
  }
  for (let row = 0; row < forward.length; row++) {
    if (hasEqual[row] === 1) addLink(layer, links[row * width]!, row);
  }
}
