import { type CoreDistances, squaredDistanceInOrder } from './core-distances.js';
import { type KdTree, squaredToBounds } from './kd-tree.js';

/** Core distances by place, with the neighbours that gave them. */
export interface PlacedCoreDistances extends CoreDistances {
  readonly k: number;
  /** n x k places, nearest first. */
  readonly neighbours: Int32Array;
  /** n x k squared distances. */
  readonly squared: Float64Array;
}

/** As coreDistances, to the last bit, by a search of the tree: about n log n. */
export function treeCoreDistances(
  tree: KdTree,
  minSamples: number,
  onProgress?: (fraction: number) => void,
): PlacedCoreDistances {
  const n = tree.rows.length;
  const k = Math.min(minSamples, n - 1);
  const core = new Float64Array(n);
  const inner = new Float64Array(n);
  const neighbours = new Int32Array(n * k).fill(-1);
  const squared = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY);
  const search = new NearestSearch(tree, { k, neighbours, squared });
  for (let place = 0; place < n; place++) {
    search.run(place);
    core[place] = Math.sqrt(squared[(place + 1) * k - 1]!);
    inner[place] = k > 1 ? Math.sqrt(squared[(place + 1) * k - 2]!) : 0;
    if (place % 4096 === 0) onProgress?.(place / n);
  }
  onProgress?.(1);
  return { k, core, inner, neighbours, squared };
}

class NearestSearch {
  readonly #tree: KdTree;
  readonly #k: number;
  readonly #neighbours: Int32Array;
  readonly #squared: Float64Array;
  /** Nodes still to be seen, and how far they are. */
  readonly #open = new Int32Array(64);
  readonly #distance = new Float64Array(64);

  constructor(tree: KdTree, lists: { k: number; neighbours: Int32Array; squared: Float64Array }) {
    this.#tree = tree;
    this.#k = lists.k;
    this.#neighbours = lists.neighbours;
    this.#squared = lists.squared;
  }

  run(place: number): void {
    const tree = this.#tree;
    const { firstLeaf } = tree;
    const open = this.#open;
    const distance = this.#distance;
    const squared = this.#squared;
    const last = (place + 1) * this.#k - 1;
    let depth = 0;
    open[depth] = 0;
    distance[depth++] = 0;
    while (depth > 0) {
      const node = open[--depth]!;
      if (distance[depth]! >= squared[last]!) continue;
      if (node >= firstLeaf) {
        this.#offerLeaf(place, node);
        continue;
      }
      const left = squaredToBounds(tree, place, 2 * node + 1);
      const right = squaredToBounds(tree, place, 2 * node + 2);
      // The nearer one is seen first: it lies on top.
      const leftFirst = left <= right;
      open[depth] = leftFirst ? 2 * node + 2 : 2 * node + 1;
      distance[depth++] = leftFirst ? right : left;
      open[depth] = leftFirst ? 2 * node + 1 : 2 * node + 2;
      distance[depth++] = leftFirst ? left : right;
    }
  }

  #offerLeaf(place: number, node: number): void {
    const { data, cols, from, to } = this.#tree;
    for (let other = from[node]!; other < to[node]!; other++) {
      if (other === place) continue;
      this.#offer(place, squaredDistanceInOrder(data, place, data, other, cols), other);
    }
  }

  #offer(place: number, value: number, other: number): void {
    const squared = this.#squared;
    const neighbours = this.#neighbours;
    const first = place * this.#k;
    let at = first + this.#k - 1;
    if (!(value < squared[at]!)) return;
    while (at > first && squared[at - 1]! > value) {
      squared[at] = squared[at - 1]!;
      neighbours[at] = neighbours[at - 1]!;
      at--;
    }
    squared[at] = value;
    neighbours[at] = other;
  }
}
