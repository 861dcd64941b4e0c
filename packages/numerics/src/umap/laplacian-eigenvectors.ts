import type { Rng } from '../rng.js';
import type { SparseGraph } from './fuzzy-graph.js';
import { symmetricEigen } from './small-eigen.js';

/** Eigenpairs of a normalised Laplacian, smallest first, the trivial one left out. */
export interface LaplacianEigen {
  readonly values: Float64Array;
  /** n x count, row-major, unit columns of free sign. */
  readonly vectors: Float64Array;
  /** Greatest residual |L x - lambda x| among them. */
  readonly residual: number;
}

/** Columns iterated beside the wanted ones: they take the slow directions. */
const GUARD = 4;
const DEGREE = 40;
const MAX_ROUNDS = 60;
const TOLERANCE = 1e-7;

/**
 * The `count` eigenvectors of L = I - D^-1/2 A D^-1/2 that follow the trivial one
 * (sqrt of the degrees), for a connected graph. Chebyshev-filtered subspace
 * iteration (Zhou, Saad, Tiago and Chelikowsky 2006): each round multiplies the
 * block by a polynomial of S = I - L that is small below the least Ritz value and
 * steep above, then a Rayleigh-Ritz step turns it to the eigenvectors. No
 * factorisation and no memory beyond three n x (count + 4) blocks.
 */
export function laplacianEigenvectors(graph: SparseGraph, count: number, rng: Rng): LaplacianEigen {
  const { n } = graph;
  const { normalised, trivial } = normalise(graph);
  const width = Math.min(count + GUARD, n - 1);
  const kept = Math.min(count, width);
  let x: Float64Array = new Float64Array(n * width);
  for (let p = 0; p < x.length; p++) x[p] = rng.nextNormal();
  orthonormalise(x, n, width, trivial, rng);
  let image: Float64Array = new Float64Array(n * width);
  let spare: Float64Array = new Float64Array(n * width);
  let values: Float64Array = new Float64Array(width);
  let residual = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    multiply(graph, normalised, x, image, width);
    values = rayleighRitz(x, image, n, width);
    residual = greatestResidual(x, image, values, n, width, kept);
    if (residual < TOLERANCE) break;
    const cut = Math.min(Math.max(values[width - 1]!, -0.9), 1 - 1e-9);
    [x, image, spare] = chebyshev(graph, normalised, x, image, spare, width, cut);
    orthonormalise(x, n, width, trivial, rng);
  }
  const vectors = new Float64Array(n * kept);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < kept; c++) vectors[i * kept + c] = x[i * width + c]!;
  }
  return { values: values.slice(0, kept).map((value) => 1 - value), vectors, residual };
}

/** Edge weights of S and its eigenvector of eigenvalue 1. */
function normalise(graph: SparseGraph): { normalised: Float64Array; trivial: Float64Array } {
  const { n, offsets, columns, weights } = graph;
  const trivial = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    let degree = 0;
    for (let p = offsets[i]!; p < offsets[i + 1]!; p++) degree += weights[p]!;
    trivial[i] = Math.sqrt(degree);
    total += degree;
  }
  const normalised = new Float64Array(columns.length);
  for (let i = 0; i < n; i++) {
    for (let p = offsets[i]!; p < offsets[i + 1]!; p++) {
      normalised[p] = weights[p]! / (trivial[i]! * trivial[columns[p]!]!);
    }
  }
  const norm = Math.sqrt(total);
  for (let i = 0; i < n; i++) trivial[i] = trivial[i]! / norm;
  return { normalised, trivial };
}

/** out = S x for a row-major block of `width` columns. */
function multiply(
  graph: SparseGraph,
  normalised: Float64Array,
  x: Float64Array,
  out: Float64Array,
  width: number,
): void {
  const { n, offsets, columns } = graph;
  for (let i = 0; i < n; i++) {
    const to = i * width;
    for (let c = 0; c < width; c++) out[to + c] = 0;
    for (let p = offsets[i]!; p < offsets[i + 1]!; p++) {
      const from = columns[p]! * width;
      const weight = normalised[p]!;
      for (let c = 0; c < width; c++) out[to + c]! += weight * x[from + c]!;
    }
  }
}

/** Replaces x by T_DEGREE of S mapped so that [-1, cut] becomes [-1, 1]; image holds S x. */
function chebyshev(
  graph: SparseGraph,
  normalised: Float64Array,
  x: Float64Array,
  image: Float64Array,
  spare: Float64Array,
  width: number,
  cut: number,
): [Float64Array, Float64Array, Float64Array] {
  const center = (cut - 1) / 2;
  const half = (cut + 1) / 2;
  let before = x;
  let now = image;
  let free = spare;
  for (let p = 0; p < now.length; p++) now[p] = (now[p]! - center * before[p]!) / half;
  for (let degree = 1; degree < DEGREE; degree++) {
    multiply(graph, normalised, now, free, width);
    for (let p = 0; p < free.length; p++) {
      free[p] = (2 * (free[p]! - center * now[p]!)) / half - before[p]!;
    }
    [before, now, free] = [now, free, before];
  }
  return [now, free, before];
}

/** Rotates x and image = S x to the Ritz vectors; returns the Ritz values, greatest first. */
function rayleighRitz(x: Float64Array, image: Float64Array, n: number, width: number) {
  const small = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    const row = i * width;
    for (let r = 0; r < width; r++) {
      for (let c = r; c < width; c++) small[r * width + c]! += x[row + r]! * image[row + c]!;
    }
  }
  for (let r = 0; r < width; r++) {
    for (let c = 0; c < r; c++) small[r * width + c] = small[c * width + r]!;
  }
  const { values, vectors } = symmetricEigen(small, width);
  rotateColumns(x, vectors, n, width);
  rotateColumns(image, vectors, n, width);
  return values;
}

function rotateColumns(x: Float64Array, vectors: Float64Array, n: number, width: number): void {
  const row = new Float64Array(width);
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let r = 0; r < width; r++) {
      const value = x[i * width + r]!;
      for (let c = 0; c < width; c++) row[c]! += value * vectors[r * width + c]!;
    }
    x.set(row, i * width);
  }
}

function greatestResidual(
  x: Float64Array,
  image: Float64Array,
  values: Float64Array,
  n: number,
  width: number,
  kept: number,
): number {
  let greatest = 0;
  for (let c = 0; c < kept; c++) {
    let sum = 0;
    for (let p = c; p < n * width; p += width) sum += (image[p]! - values[c]! * x[p]!) ** 2;
    greatest = Math.max(greatest, Math.sqrt(sum));
  }
  return greatest;
}

/** Columns of x made orthonormal to `trivial` and one another (Gram-Schmidt, twice). */
function orthonormalise(
  x: Float64Array,
  n: number,
  width: number,
  trivial: Float64Array,
  rng: Rng,
): void {
  for (let c = 0; c < width; c++) {
    for (let attempt = 0; attempt < 8; attempt++) {
      const before = columnNorm(x, n, width, c);
      for (let pass = 0; pass < 2; pass++) projectOut(x, n, width, c, trivial);
      const norm = columnNorm(x, n, width, c);
      if (norm > 1e-10 * before && norm > 0) {
        for (let p = c; p < n * width; p += width) x[p] = x[p]! / norm;
        break;
      }
      // The filter made this column a combination of the others: start it anew.
      for (let p = c; p < n * width; p += width) x[p] = rng.nextNormal();
    }
  }
}

function projectOut(
  x: Float64Array,
  n: number,
  width: number,
  c: number,
  trivial: Float64Array,
): void {
  let dot = 0;
  for (let i = 0; i < n; i++) dot += trivial[i]! * x[i * width + c]!;
  for (let i = 0; i < n; i++) x[i * width + c]! -= dot * trivial[i]!;
  for (let b = 0; b < c; b++) {
    dot = 0;
    for (let p = 0; p < n * width; p += width) dot += x[p + b]! * x[p + c]!;
    for (let p = 0; p < n * width; p += width) x[p + c]! -= dot * x[p + b]!;
  }
}

function columnNorm(x: Float64Array, n: number, width: number, c: number): number {
  let sum = 0;
  for (let p = c; p < n * width; p += width) sum += x[p]! * x[p]!;
  return Math.sqrt(sum);
}
