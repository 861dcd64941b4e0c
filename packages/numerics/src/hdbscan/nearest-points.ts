import type { NeighborLists } from '../knn/neighbor-lists.js';
import { type Points64, squaredDistanceInOrder } from './core-distances.js';

const LEAF = 12;

/**
 * The points of a fit, cut in halves along their widest axis until few are left (a
 * k-d tree in one array of rows). Finds the same nearest points as a look at all of
 * them, ties by the lower row included, without looking at most.
 */
export class NearestPoints {
  readonly #points: Points64;
  readonly #rows: Int32Array;
  /** Of the cut whose upper half begins at that place of `#rows`. */
  readonly #axis: Uint16Array;
  readonly #value: Float64Array;

  constructor(points: Points64) {
    this.#points = points;
    this.#rows = Int32Array.from({ length: points.rows }, (_, row) => row);
    this.#axis = new Uint16Array(points.rows);
    this.#value = new Float64Array(points.rows);
    this.#cut(0, points.rows);
  }

  /** Offers the nearest points to row `into` of `lists`, by squared distance. */
  search(query: Float64Array, lists: NeighborLists, into: number): void {
    this.#search(query, lists, into, 0, this.#rows.length);
  }

  #search(query: Float64Array, lists: NeighborLists, into: number, from: number, to: number): void {
    if (to - from <= LEAF) {
      const { data, cols } = this.#points;
      for (let at = from; at < to; at++) {
        const row = this.#rows[at]!;
        lists.offer(into, squaredDistanceInOrder(query, 0, data, row, cols), row);
      }
      return;
    }
    const middle = (from + to) >> 1;
    const beyond = query[this.#axis[middle]!]! - this.#value[middle]!;
    if (beyond < 0) this.#search(query, lists, into, from, middle);
    else this.#search(query, lists, into, middle, to);
    // As near as the farthest kept counts too: it may be the lower row.
    if (beyond * beyond > lists.distances[(into + 1) * lists.k - 1]!) return;
    if (beyond < 0) this.#search(query, lists, into, middle, to);
    else this.#search(query, lists, into, from, middle);
  }

  #cut(from: number, to: number): void {
    if (to - from <= LEAF) return;
    const middle = (from + to) >> 1;
    const axis = this.#widestAxis(from, to);
    this.#select(from, to - 1, middle, axis);
    this.#axis[middle] = axis;
    this.#value[middle] = this.#at(middle, axis);
    this.#cut(from, middle);
    this.#cut(middle, to);
  }

  #at(place: number, axis: number): number {
    const { data, cols } = this.#points;
    return data[this.#rows[place]! * cols + axis]!;
  }

  #widestAxis(from: number, to: number): number {
    let widest = 0;
    let extent = -1;
    for (let axis = 0; axis < this.#points.cols; axis++) {
      let least = Number.POSITIVE_INFINITY;
      let greatest = Number.NEGATIVE_INFINITY;
      for (let place = from; place < to; place++) {
        const value = this.#at(place, axis);
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      if (greatest - least > extent) {
        extent = greatest - least;
        widest = axis;
      }
    }
    return widest;
  }

  /** Puts the row whose value is `wanted`-th in its place, no greater ones before it (Hoare's find). */
  #select(first: number, last: number, wanted: number, axis: number): void {
    const rows = this.#rows;
    let low = first;
    let high = last;
    while (low < high) {
      const pivot = this.#at((low + high) >> 1, axis);
      let i = low;
      let j = high;
      while (i <= j) {
        while (this.#at(i, axis) < pivot) i++;
        while (this.#at(j, axis) > pivot) j--;
        if (i > j) continue;
        const row = rows[i]!;
        rows[i++] = rows[j]!;
        rows[j--] = row;
      }
      if (wanted <= j) high = j;
      else if (wanted >= i) low = i;
      else return;
    }
  }
}
