import type { Neighbors } from '../knn/neighbor-lists.js';
import { type SmoothedKnn, smoothKnnDist } from './smooth-knn-dist.js';

/** Symmetric sparse matrix, rows compressed; columns ascend within a row, no zeros. */
export interface SparseGraph {
  readonly n: number;
  /** n + 1 offsets into `columns` and `weights`. */
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float32Array;
}

/** The fuzzy simplicial set of a data set, with the kernel of each row. */
export interface FuzzySet {
  readonly graph: SparseGraph;
  readonly sigmas: Float32Array;
  readonly rhos: Float32Array;
}

/**
 * Fuzzy simplicial set of the data whose neighbours are `knn`: memberships
 * exp(-max(0, d - rho) / sigma) of each row, joined by the fuzzy union
 * A + A^T - A * A^T, or with setOpMixRatio < 1 mixed with the intersection
 * (McInnes et al. 2018, algorithms 1 and 2).
 *
 * @param knn n x k with the row itself in column 0; entries with index -1 are absent.
 */
export function fuzzySimplicialSet(
  knn: Neighbors,
  localConnectivity = 1,
  setOpMixRatio = 1,
): FuzzySet {
  const { sigmas, rhos } = smoothKnnDist(knn, localConnectivity);
  return { graph: fuzzyGraph(knn, { sigmas, rhos }, setOpMixRatio), sigmas, rhos };
}

/** The graph alone, of kernels that are known. */
export function fuzzyGraph(
  knn: Neighbors,
  { sigmas, rhos }: SmoothedKnn,
  setOpMixRatio: number,
): SparseGraph {
  const strengths = membershipStrengths(knn, sigmas, rhos);
  const forward = compressSorted(sigmas.length, knn, strengths);
  return fuzzyUnion(forward, transpose(forward), setOpMixRatio);
}

/** exp(-max(0, d - rho) / sigma) in float32 for each entry; 0 for a row with itself. */
function membershipStrengths(
  knn: Neighbors,
  sigmas: Float32Array,
  rhos: Float32Array,
): Float32Array {
  const { k, indices, distances } = knn;
  const out = new Float32Array(indices.length);
  for (let i = 0; i < sigmas.length; i++) {
    for (let p = i * k; p < (i + 1) * k; p++) {
      if (indices[p]! < 0 || indices[p] === i) continue;
      out[p] = membership(distances[p]!, rhos[i]!, sigmas[i]!);
    }
  }
  return out;
}

/** One membership: 1 up to rho, then decaying with width sigma. */
export function membership(distance: number, rho: number, sigma: number): number {
  const beyond = Math.fround(distance - rho);
  if (beyond <= 0 || sigma === 0) return 1;
  return Math.fround(Math.exp(-Math.fround(beyond / sigma)));
}

/** Compressed rows of the directed graph, columns sorted by insertion (k is small). */
function compressSorted(n: number, knn: Neighbors, strengths: Float32Array): SparseGraph {
  const { k, indices } = knn;
  const offsets = new Int32Array(n + 1);
  const columns = new Int32Array(indices.length);
  const weights = new Float32Array(indices.length);
  let end = 0;
  for (let i = 0; i < n; i++) {
    const first = end;
    for (let p = i * k; p < (i + 1) * k; p++) {
      if (strengths[p] === 0) continue;
      const column = indices[p]!;
      let at = end++;
      while (at > first && columns[at - 1]! > column) {
        columns[at] = columns[at - 1]!;
        weights[at] = weights[at - 1]!;
        at--;
      }
      columns[at] = column;
      weights[at] = strengths[p]!;
    }
    offsets[i + 1] = end;
  }
  return { n, offsets, columns: columns.subarray(0, end), weights: weights.subarray(0, end) };
}

function transpose(graph: SparseGraph): SparseGraph {
  const { n, columns, weights } = graph;
  const offsets = new Int32Array(n + 1);
  for (let p = 0; p < columns.length; p++) offsets[columns[p]! + 1]!++;
  for (let i = 0; i < n; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice(0, n);
  const outColumns = new Int32Array(columns.length);
  const outWeights = new Float32Array(columns.length);
  for (let i = 0; i < n; i++) {
    for (let p = graph.offsets[i]!; p < graph.offsets[i + 1]!; p++) {
      const at = next[columns[p]!]!++;
      outColumns[at] = i;
      outWeights[at] = weights[p]!;
    }
  }
  return { n, offsets, columns: outColumns, weights: outWeights };
}

/** Merges two graphs with sorted rows: mix * (a + b - a b) + (1 - mix) * a b. */
function fuzzyUnion(a: SparseGraph, b: SparseGraph, mix: number): SparseGraph {
  const { n } = a;
  const offsets = new Int32Array(n + 1);
  const columns = new Int32Array(a.columns.length + b.columns.length);
  const weights = new Float32Array(columns.length);
  let end = 0;
  for (let i = 0; i < n; i++) {
    let p = a.offsets[i]!;
    let q = b.offsets[i]!;
    const endP = a.offsets[i + 1]!;
    const endQ = b.offsets[i + 1]!;
    while (p < endP || q < endQ) {
      const columnA = p < endP ? a.columns[p]! : n;
      const columnB = q < endQ ? b.columns[q]! : n;
      const column = Math.min(columnA, columnB);
      const u = columnA === column ? a.weights[p++]! : 0;
      const v = columnB === column ? b.weights[q++]! : 0;
      const both = Math.fround(u * v);
      const weight = mix * Math.fround(Math.fround(u + v) - both) + (1 - mix) * both;
      if (weight === 0) continue;
      columns[end] = column;
      weights[end++] = weight;
    }
    offsets[i + 1] = end;
  }
  // Views, not copies: at a million rows these are 200 MB.
  return { n, offsets, columns: columns.subarray(0, end), weights: weights.subarray(0, end) };
}

/** The graph without edges lighter than `least`. */
export function withoutLightEdges(graph: SparseGraph, least: number): SparseGraph {
  const { n, offsets, columns, weights } = graph;
  let kept = 0;
  for (const weight of weights) if (weight >= least) kept++;
  const outOffsets = new Int32Array(n + 1);
  const outColumns = new Int32Array(kept);
  const outWeights = new Float32Array(kept);
  let end = 0;
  for (let i = 0; i < n; i++) {
    for (let p = offsets[i]!; p < offsets[i + 1]!; p++) {
      if (weights[p]! < least) continue;
      outColumns[end] = columns[p]!;
      outWeights[end++] = weights[p]!;
    }
    outOffsets[i + 1] = end;
  }
  return { n, offsets: outOffsets, columns: outColumns, weights: outWeights };
}

/** Greatest edge weight, 0 without edges. */
export function greatestWeight(graph: SparseGraph): number {
  let greatest = 0;
  for (const weight of graph.weights) if (weight > greatest) greatest = weight;
  return greatest;
}
