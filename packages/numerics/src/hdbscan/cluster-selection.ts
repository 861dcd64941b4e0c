import type { CondensedTree } from './condensed-tree.js';
import type { HdbscanParams } from './options.js';

/** Which clusters of a condensed tree become the answer. */
export interface Selection {
  /** Ids of the selected clusters, ascending; label l belongs to clusters[l]. */
  readonly clusters: Int32Array;
  /** Stability of every cluster, index 0 the root; of a dissolved one its subtree's. */
  readonly stabilities: Float64Array;
}

/** Structure of the clusters alone, indexed from the root = 0. */
interface ClusterTree {
  readonly parent: Int32Array;
  /** Lambda at which the cluster splits off its parent; 0 for the root. */
  readonly birth: Float64Array;
  readonly children: readonly (readonly number[])[];
}

/**
 * Picks clusters by excess of mass (Campello, Moulavi, Zimek and Sander 2015,
 * algorithm 2) or the leaves, then merges upward those born at a distance below
 * clusterSelectionEpsilon (Malzer and Baum 2020, arXiv:1911.02282). The root is
 * never selected without allowSingleCluster, nor as a leaf.
 */
export function selectClusters(tree: CondensedTree, params: HdbscanParams): Selection {
  const clusters = clusterTree(tree);
  const stabilities = stabilitiesOf(tree, clusters);
  const { clusterSelectionEpsilon: epsilon, allowSingleCluster } = params;
  if (tree.children.length === 0) return { clusters: new Int32Array(0), stabilities };
  let chosen: number[];
  if (params.clusterSelectionMethod === 'eom') {
    chosen = excessOfMass(clusters, stabilities, allowSingleCluster);
  } else {
    chosen = leaves(clusters);
  }
  const rootAlone = chosen.length === 1 && chosen[0] === 0;
  if (epsilon !== 0 && !rootAlone) {
    chosen = mergeBelow(epsilon, chosen, clusters, allowSingleCluster);
  }
  const ids = Int32Array.from(chosen, (c) => c + tree.pointCount).sort();
  return { clusters: ids, stabilities };
}

function clusterTree(tree: CondensedTree): ClusterTree {
  const n = tree.pointCount;
  const parent = new Int32Array(tree.clusterCount).fill(-1);
  const birth = new Float64Array(tree.clusterCount);
  const children: number[][] = Array.from({ length: tree.clusterCount }, () => []);
  for (let r = 0; r < tree.children.length; r++) {
    if (tree.children[r]! < n) continue;
    const child = tree.children[r]! - n;
    parent[child] = tree.parents[r]! - n;
    birth[child] = tree.lambdas[r]!;
    children[parent[child]!]!.push(child);
  }
  return { parent, birth, children };
}

/** Sum over a cluster's rows of (lambda - birth) x size (Campello et al. 2015, eq. 3). */
function stabilitiesOf(tree: CondensedTree, { birth }: ClusterTree): Float64Array {
  const out = new Float64Array(tree.clusterCount);
  for (let r = 0; r < tree.parents.length; r++) {
    const c = tree.parents[r]! - tree.pointCount;
    out[c]! += (tree.lambdas[r]! - birth[c]!) * tree.sizes[r]!;
  }
  return out;
}

/** A cluster stands unless its children are together more stable. Updates `stabilities`. */
function excessOfMass(
  { children }: ClusterTree,
  stabilities: Float64Array,
  allowSingleCluster: boolean,
): number[] {
  const stands = new Uint8Array(stabilities.length);
  for (let c = stabilities.length - 1; c >= (allowSingleCluster ? 0 : 1); c--) {
    let subtree = 0;
    // The package adds in single precision, which can decide a near tie.
    for (const child of children[c]!) subtree = Math.fround(subtree + stabilities[child]!);
    if (subtree > stabilities[c]!) stabilities[c] = subtree;
    else stands[c] = 1;
  }
  // From the root down: below a standing cluster nothing else is selected.
  const chosen: number[] = [];
  const open = [0];
  for (let c = open.pop(); c !== undefined; c = open.pop()) {
    if (stands[c]) chosen.push(c);
    else for (const child of children[c]!) open.push(child);
  }
  return chosen;
}

function leaves({ children }: ClusterTree): number[] {
  const out: number[] = [];
  for (let c = 1; c < children.length; c++) if (children[c]!.length === 0) out.push(c);
  return out;
}

function mergeBelow(
  epsilon: number,
  chosen: readonly number[],
  { parent, birth }: ClusterTree,
  allowSingleCluster: boolean,
): number[] {
  const merged = new Set<number>();
  for (const start of chosen) {
    let c = start;
    if (1 / birth[c]! < epsilon) {
      // Up to the first ancestor born at more than epsilon, short of the root.
      for (;;) {
        const up = parent[c]!;
        if (up === 0) {
          if (allowSingleCluster) c = 0;
          break;
        }
        c = up;
        if (1 / birth[c]! > epsilon) break;
      }
    }
    merged.add(c);
  }
  return [...merged];
}
