import type { SingleLinkage } from './single-linkage.js';

/**
 * The dendrogram without splits that shed fewer than minClusterSize points. Row r
 * says that `children[r]` (a point below pointCount, else a cluster) leaves cluster
 * `parents[r]` at density lambda = 1 / distance. Cluster ids run from pointCount
 * (the root) to pointCount + clusterCount - 1, parents before children.
 */
export interface CondensedTree {
  readonly pointCount: number;
  readonly clusterCount: number;
  readonly parents: Int32Array;
  readonly children: Int32Array;
  /** Infinite where the distance is 0, between equal points. */
  readonly lambdas: Float64Array;
  /** Points below the child; 1 for a point. */
  readonly sizes: Int32Array;
}

/**
 * Condenses a dendrogram over `pointCount` points (Campello et al. 2013, section
 * 3.2; McInnes and Healy 2017). Nodes are visited breadth first from the top, so
 * rows come out in the order of the hdbscan package.
 */
export function condenseTree(
  linkage: SingleLinkage,
  pointCount: number,
  minClusterSize: number,
): CondensedTree {
  const n = pointCount;
  const { left, right, distances, sizes } = linkage;
  const room = n < 2 ? 0 : 2 * n;
  const parents = new Int32Array(room);
  const children = new Int32Array(room);
  const lambdas = new Float64Array(room);
  const childSizes = new Int32Array(room);
  if (n < 2)
    return { pointCount: n, clusterCount: 1, parents, children, lambdas, sizes: childSizes };

  const root = 2 * n - 2;
  const cluster = new Int32Array(root + 1);
  cluster[root] = n;
  let next = n + 1;
  let end = 0;
  const append = (parent: number, child: number, lambda: number, size: number): void => {
    parents[end] = parent;
    children[end] = child;
    lambdas[end] = lambda;
    childSizes[end++] = size;
  };
  const sizeOf = (node: number): number => (node < n ? 1 : sizes[node - n]!);
  const below = new Int32Array(root + 1);
  /** Appends every point below `node`, breadth first. */
  const shed = (node: number, parent: number, lambda: number): void => {
    below[0] = node;
    let last = 1;
    for (let at = 0; at < last; at++) {
      const child = below[at]!;
      if (child < n) {
        append(parent, child, lambda, 1);
        continue;
      }
      below[last++] = left[child - n]!;
      below[last++] = right[child - n]!;
    }
  };
  // Only nodes that still are clusters enter the queue.
  const queue = new Int32Array(n);
  queue[0] = root;
  let last = 1;
  for (let at = 0; at < last; at++) {
    const node = queue[at]!;
    const distance = distances[node - n]!;
    const lambda = distance > 0 ? 1 / distance : Number.POSITIVE_INFINITY;
    const own = cluster[node]!;
    const sides = [left[node - n]!, right[node - n]!];
    const bothLive = sides.every((side) => sizeOf(side) >= minClusterSize);
    for (const side of sides) {
      if (sizeOf(side) < minClusterSize) {
        shed(side, own, lambda);
        continue;
      }
      cluster[side] = own;
      if (bothLive) {
        cluster[side] = next++;
        append(own, cluster[side]!, lambda, sizeOf(side));
      }
      if (side >= n) queue[last++] = side;
    }
  }
  return {
    pointCount: n,
    clusterCount: next - n,
    parents: parents.slice(0, end),
    children: children.slice(0, end),
    lambdas: lambdas.slice(0, end),
    sizes: childSizes.slice(0, end),
  };
}

/** Greatest lambda among each cluster's own rows; index 0 is the root. */
export function greatestLambdas(tree: CondensedTree): Float64Array {
  const out = new Float64Array(tree.clusterCount);
  for (let r = 0; r < tree.parents.length; r++) {
    const c = tree.parents[r]! - tree.pointCount;
    if (tree.lambdas[r]! > out[c]!) out[c] = tree.lambdas[r]!;
  }
  return out;
}
