/** k nearest neighbours of each row; row i is [i * k, (i + 1) * k), nearest first. */
export interface Neighbors {
  readonly k: number;
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/**
 * Bounded lists of the k smallest (distance, index) pairs per row, kept sorted:
 * equal distances go by the lower index, whatever the order of the offers.
 * Insertion beats a heap up to k of about 100, and most offers fail the first test.
 */
export class NeighborLists {
  readonly distances: Float64Array;
  readonly indices: Int32Array;
  readonly k: number;

  constructor(rows: number, k: number) {
    this.k = k;
    this.distances = new Float64Array(rows * k).fill(Number.POSITIVE_INFINITY);
    this.indices = new Int32Array(rows * k).fill(-1);
  }

  /** Offers candidate `index` at `distance` to list `row`. */
  offer(row: number, distance: number, index: number): void {
    const { distances, indices, k } = this;
    const first = row * k;
    let at = first + k - 1;
    const worst = distances[at]!;
    if (distance > worst || (distance === worst && index > indices[at]! && indices[at]! >= 0)) {
      return;
    }
    while (at > first) {
      const before = distances[at - 1]!;
      const other = indices[at - 1]!;
      if (before < distance || (before === distance && other >= 0 && other < index)) break;
      distances[at] = before;
      indices[at] = other;
      at--;
    }
    distances[at] = distance;
    indices[at] = index;
  }
}
