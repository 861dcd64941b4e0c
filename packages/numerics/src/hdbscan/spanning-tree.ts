import type { Points64 } from './core-distances.js';

/** Edges of a spanning tree, lightest first. */
export interface SpanningTree {
  /** Row that was in the tree when the edge was added. */
  readonly from: Int32Array;
  /** Row that the edge brought in. */
  readonly to: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Minimum spanning tree under the mutual reachability distance
 * max(core(a), core(b), |a - b|) (Campello et al. 2013, definition 3; McInnes and
 * Healy 2017, arXiv:1705.07321). Prim's algorithm from row 0 with distances made
 * on the fly: n^2 / 2 of them, memory in proportion to n.
 *
 * With minSamples > 1 many weights are exactly equal, so ties decide the tree.
 * The rule: of equally near rows the lowest joins first, the source of an edge
 * changes only for a strictly smaller weight, and the edges are sorted stably. The
 * result does not depend on the processor, unlike an unstable sort.
 */
export function mutualReachabilityTree(
  points: Points64,
  core: Float64Array,
  onProgress?: (fraction: number) => void,
): SpanningTree {
  const n = points.rows;
  const edges = Math.max(0, n - 1);
  const from = new Int32Array(edges);
  const to = new Int32Array(edges);
  const weights = new Float64Array(edges);
  const rest = new Outside(points, core);
  let current = 0;
  for (let e = 0; e < edges; e++) {
    const place = rest.relax(current);
    from[e] = rest.source[place]!;
    to[e] = rest.row[place]!;
    weights[e] = rest.best[place]!;
    current = to[e]!;
    rest.remove(place);
    if (e % 256 === 0) onProgress?.(1 - (1 - e / n) ** 2);
  }
  onProgress?.(1);
  return sortByWeight({ from, to, weights });
}

function sortByWeight({ from, to, weights }: SpanningTree): SpanningTree {
  const order = Uint32Array.from({ length: weights.length }, (_, e) => e).sort(
    (a, b) => weights[a]! - weights[b]! || a - b,
  );
  const pick = <T extends Int32Array | Float64Array>(values: T, out: T): T => {
    for (let e = 0; e < order.length; e++) out[e] = values[order[e]!]!;
    return out;
  };
  return {
    from: pick(from, new Int32Array(order.length)),
    to: pick(to, new Int32Array(order.length)),
    weights: pick(weights, new Float64Array(order.length)),
  };
}

/**
 * Rows not yet in the tree, packed in row order, each with its lightest known edge.
 * A row that joins is only marked (infinite core distance); once an eighth are
 * marked the arrays are packed again, which keeps the order and halves the work.
 */
class Outside {
  row: Int32Array;
  source: Int32Array;
  best: Float64Array;
  readonly #points: Points64;
  readonly #allCore: Float64Array;
  #core: Float64Array;
  #data: Float64Array;
  #marked = 0;

  constructor(points: Points64, core: Float64Array) {
    const n = Math.max(0, points.rows - 1);
    this.#points = points;
    this.#allCore = core;
    this.row = Int32Array.from({ length: n }, (_, i) => i + 1);
    this.source = new Int32Array(n);
    this.best = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    this.#core = core.slice(1);
    this.#data = points.data.slice(points.cols);
  }

  /** Offers the edges of `current` to all rows; returns the place of the nearest. */
  relax(current: number): number {
    return this.#points.cols === 2 ? this.#relaxPlane(current) : this.#relaxAny(current);
  }

  remove(place: number): void {
    this.#core[place] = Number.POSITIVE_INFINITY;
    this.best[place] = Number.POSITIVE_INFINITY;
    if (++this.#marked * 8 > this.row.length) this.#pack();
  }

  #relaxPlane(current: number): number {
    const { row, source, best } = this;
    const core = this.#core;
    const data = this.#data;
    const x = this.#points.data[2 * current]!;
    const y = this.#points.data[2 * current + 1]!;
    const ownCore = this.#allCore[current]!;
    let least = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let p = 0; p < row.length; p++) {
      let known = best[p]!;
      const otherCore = core[p]!;
      // No edge is lighter than either core distance: most rows need no distance.
      if (otherCore < known && ownCore < known) {
        const dx = data[2 * p]! - x;
        const dy = data[2 * p + 1]! - y;
        const weight = heavier(Math.sqrt(dx * dx + dy * dy), otherCore, ownCore);
        if (weight < known) {
          known = weight;
          best[p] = weight;
          source[p] = current;
        }
      }
      if (known < least) {
        least = known;
        place = p;
      }
    }
    return place;
  }

  #relaxAny(current: number): number {
    const { row, source, best } = this;
    const { cols, data: all } = this.#points;
    const core = this.#core;
    const data = this.#data;
    const start = current * cols;
    const ownCore = this.#allCore[current]!;
    let least = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let p = 0; p < row.length; p++) {
      let known = best[p]!;
      const otherCore = core[p]!;
      if (otherCore < known && ownCore < known) {
        let sum = 0;
        for (let c = 0, q = p * cols; c < cols; c++, q++) {
          const d = data[q]! - all[start + c]!;
          sum += d * d;
        }
        const weight = heavier(Math.sqrt(sum), otherCore, ownCore);
        if (weight < known) {
          known = weight;
          best[p] = weight;
          source[p] = current;
        }
      }
      if (known < least) {
        least = known;
        place = p;
      }
    }
    return place;
  }

  #pack(): void {
    const { row, source, best } = this;
    const core = this.#core;
    const data = this.#data;
    const { cols } = this.#points;
    let end = 0;
    for (let p = 0; p < row.length; p++) {
      if (core[p] === Number.POSITIVE_INFINITY) continue;
      row[end] = row[p]!;
      source[end] = source[p]!;
      best[end] = best[p]!;
      core[end] = core[p]!;
      data.copyWithin(end * cols, p * cols, (p + 1) * cols);
      end++;
    }
    this.row = row.subarray(0, end);
    this.source = source.subarray(0, end);
    this.best = best.subarray(0, end);
    this.#core = core.subarray(0, end);
    this.#data = data.subarray(0, end * cols);
    this.#marked = 0;
  }
}

function heavier(a: number, b: number, c: number): number {
  const ab = a > b ? a : b;
  return ab > c ? ab : c;
}
