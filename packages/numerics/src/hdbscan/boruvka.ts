import { squaredDistanceInOrder } from './core-distances.js';
import { type KdTree, squaredToBounds } from './kd-tree.js';
import type { SpanningTree } from './spanning-tree.js';
import type { PlacedCoreDistances } from './tree-core-distances.js';

/** So that no square whose root rounds below the bound is passed over. */
const ROUND_UP = 1 + 2 ** -50;

/**
 * Minimum spanning tree under the mutual reachability distance, as mutualReachabilityTree,
 * by Boruvka's rounds on a tree of the points (McInnes and Healy 2017, section 3): each
 * component takes its lightest edge outwards. The first round needs no search: a
 * neighbour that is core within a point's own core distance is as near as any can be.
 *
 * The total weight is the same to the last bit per edge. Where weights tie, other edges
 * of the same weight may stand in the tree than Prim's algorithm finds.
 */
export function boruvkaTree(
  tree: KdTree,
  distances: PlacedCoreDistances,
  onProgress?: (fraction: number) => void,
): SpanningTree {
  const n = tree.rows.length;
  const forest = new Forest(n);
  joinNearest(forest, distances);
  const search = new OutwardSearch(tree, distances, forest);
  while (forest.components > 1) {
    search.round();
    onProgress?.(1 - (forest.components - 1) / n);
  }
  onProgress?.(1);
  return forest.sorted(tree.rows);
}

/** Components as they grow together, with the edges that joined them. */
class Forest {
  components: number;
  /** Component of each place, named by one of its places; true after `settle`. */
  readonly component: Int32Array;
  readonly #parent: Int32Array;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #weights: Float64Array;
  #edges = 0;

  constructor(n: number) {
    this.components = n;
    this.#parent = Int32Array.from({ length: n }, (_, i) => i);
    this.component = this.#parent.slice();
    this.#from = new Int32Array(Math.max(0, n - 1));
    this.#to = new Int32Array(Math.max(0, n - 1));
    this.#weights = new Float64Array(Math.max(0, n - 1));
  }

  find(place: number): number {
    const parent = this.#parent;
    let at = place;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  }

  /** Joins two places, unless they hang together already: lightest edges may tie in a ring. */
  join(a: number, b: number, weight: number): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA === rootB) return;
    this.#parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    this.#from[this.#edges] = a;
    this.#to[this.#edges] = b;
    this.#weights[this.#edges++] = weight;
    this.components--;
  }

  settle(): void {
    for (let p = 0; p < this.component.length; p++) this.component[p] = this.find(p);
  }

  /** The edges by rows, lightest first, ties as they were joined. */
  sorted(rows: Uint32Array): SpanningTree {
    const weights = this.#weights;
    const order = Uint32Array.from({ length: weights.length }, (_, e) => e).sort(
      (a, b) => weights[a]! - weights[b]! || a - b,
    );
    return {
      from: Int32Array.from(order, (e) => rows[this.#from[e]!]!),
      to: Int32Array.from(order, (e) => rows[this.#to[e]!]!),
      weights: Float64Array.from(order, (e) => weights[e]!),
    };
  }
}

function joinNearest(forest: Forest, { k, core, neighbours }: PlacedCoreDistances): void {
  for (let p = 0; p < core.length; p++) {
    for (let c = p * k; c < (p + 1) * k; c++) {
      const other = neighbours[c]!;
      if (core[other]! > core[p]!) continue;
      // No edge of p is lighter than its core distance, and this one is not heavier.
      forest.join(p, other, core[p]!);
      break;
    }
  }
}

/** Finds and takes the lightest edge out of every component. */
class OutwardSearch {
  readonly #tree: KdTree;
  readonly #core: Float64Array;
  readonly #forest: Forest;
  /** By component: lightest edge found in this round. */
  readonly #best: Float64Array;
  readonly #bestFrom: Int32Array;
  readonly #bestTo: Int32Array;
  /** By place: no edge outwards is lighter. Components only grow, so it stays true. */
  readonly #atLeast: Float64Array;
  /** By node: the component of all its places, -1 where they are of several. */
  readonly #nodeComponent: Int32Array;
  readonly #nodeCore: Float64Array;
  readonly #open = new Int32Array(64);
  readonly #distance = new Float64Array(64);

  constructor(tree: KdTree, { core }: PlacedCoreDistances, forest: Forest) {
    const n = core.length;
    const nodes = tree.from.length;
    this.#tree = tree;
    this.#core = core;
    this.#forest = forest;
    this.#best = new Float64Array(n);
    this.#bestFrom = new Int32Array(n);
    this.#bestTo = new Int32Array(n);
    this.#atLeast = core.slice();
    this.#nodeComponent = new Int32Array(nodes);
    this.#nodeCore = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
    for (let node = nodes - 1; node >= 0; node--) {
      if (node >= tree.firstLeaf) {
        for (let p = tree.from[node]!; p < tree.to[node]!; p++) {
          this.#nodeCore[node] = Math.min(this.#nodeCore[node]!, core[p]!);
        }
      } else {
        this.#nodeCore[node] = Math.min(
          this.#nodeCore[2 * node + 1]!,
          this.#nodeCore[2 * node + 2]!,
        );
      }
    }
  }

  round(): void {
    const forest = this.#forest;
    forest.settle();
    this.#labelNodes();
    const { component } = forest;
    const best = this.#best.fill(Number.POSITIVE_INFINITY);
    const n = component.length;
    for (let p = 0; p < n; p++) {
      if (this.#atLeast[p]! < best[component[p]!]!) this.#search(p);
    }
    for (let c = 0; c < n; c++) {
      if (component[c] === c) forest.join(this.#bestFrom[c]!, this.#bestTo[c]!, best[c]!);
    }
  }

  #labelNodes(): void {
    const { from, to, firstLeaf } = this.#tree;
    const { component } = this.#forest;
    const labels = this.#nodeComponent;
    for (let node = labels.length - 1; node >= 0; node--) {
      if (node < firstLeaf) {
        const left = labels[2 * node + 1]!;
        labels[node] = left === labels[2 * node + 2] ? left : -1;
        continue;
      }
      let label = component[from[node]!] ?? -1;
      for (let p = from[node]! + 1; p < to[node]!; p++) if (component[p] !== label) label = -1;
      labels[node] = label;
    }
  }

  /** Offers the lightest edge from `place` out of its component, where it beats the best known. */
  #search(place: number): void {
    const tree = this.#tree;
    const { data, cols, from, to, firstLeaf } = tree;
    const { component } = this.#forest;
    const core = this.#core;
    const own = component[place]!;
    const ownCore = core[place]!;
    const open = this.#open;
    const distance = this.#distance;
    let bound = this.#best[own]!;
    let boundSquared = bound * bound * ROUND_UP;
    let depth = 0;
    open[depth] = 0;
    distance[depth++] = 0;
    while (depth > 0) {
      const node = open[--depth]!;
      if (distance[depth]! >= boundSquared || this.#nodeCore[node]! >= bound) continue;
      if (this.#nodeComponent[node] === own) continue;
      if (node < firstLeaf) {
        const left = squaredToBounds(tree, place, 2 * node + 1);
        const right = squaredToBounds(tree, place, 2 * node + 2);
        const leftFirst = left <= right;
        open[depth] = leftFirst ? 2 * node + 2 : 2 * node + 1;
        distance[depth++] = leftFirst ? right : left;
        open[depth] = leftFirst ? 2 * node + 1 : 2 * node + 2;
        distance[depth++] = leftFirst ? left : right;
        continue;
      }
      for (let other = from[node]!; other < to[node]!; other++) {
        if (component[other] === own || core[other]! >= bound) continue;
        const squared = squaredDistanceInOrder(data, place, data, other, cols);
        if (squared >= boundSquared) continue;
        let weight = Math.sqrt(squared);
        if (weight < ownCore) weight = ownCore;
        if (weight < core[other]!) weight = core[other]!;
        if (weight >= bound) continue;
        bound = weight;
        boundSquared = bound * bound * ROUND_UP;
        this.#best[own] = bound;
        this.#bestFrom[own] = place;
        this.#bestTo[own] = other;
        // Nothing can be lighter.
        if (bound === ownCore) depth = 0;
      }
    }
    this.#atLeast[place] = bound;
  }
}
