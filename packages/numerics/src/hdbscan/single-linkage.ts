import type { SpanningTree } from './spanning-tree.js';

/** Dendrogram in scipy's numbering: row m merges two nodes into node n + m. */
export interface SingleLinkage {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly distances: Float64Array;
  /** Points below the new node. */
  readonly sizes: Int32Array;
}

/** Dendrogram of a spanning tree whose edges are sorted by weight, by union-find. */
export function singleLinkage(tree: SpanningTree): SingleLinkage {
  const merges = tree.weights.length;
  const n = merges + 1;
  const parent = new Int32Array(2 * n - 1).fill(-1);
  const size = new Int32Array(2 * n - 1).fill(1, 0, n);
  const left = new Int32Array(merges);
  const right = new Int32Array(merges);
  const sizes = new Int32Array(merges);
  const find = (node: number): number => {
    let root = node;
    while (parent[root] !== -1) root = parent[root]!;
    let at = node;
    while (at !== root) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  for (let m = 0; m < merges; m++) {
    const a = find(tree.from[m]!);
    const b = find(tree.to[m]!);
    left[m] = a;
    right[m] = b;
    sizes[m] = size[a]! + size[b]!;
    size[n + m] = sizes[m]!;
    parent[a] = n + m;
    parent[b] = n + m;
  }
  return { left, right, distances: tree.weights, sizes };
}
