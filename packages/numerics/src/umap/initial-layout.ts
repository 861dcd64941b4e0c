import { knnExact } from '../knn/exact.js';
import type { Metric } from '../knn/metric.js';
import type { RealMatrix } from '../matrix.js';
import type { Rng } from '../rng.js';
import { connectedComponents, subgraph, verticesByComponent } from './components.js';
import type { SparseGraph } from './fuzzy-graph.js';
import { laplacianEigenvectors } from './laplacian-eigenvectors.js';

const MAX_COORDINATE = 10;
const NOISE = 1e-4;
/** Above this many components their mutual places are drawn, not computed. */
const MAX_PLACED_COMPONENTS = 1000;

/**
 * Start of the layout: eigenvectors of the normalised Laplacian, greatest
 * coordinate 10, with noise of 1e-4 (McInnes et al. 2018, section 3.3). Components
 * of a graph that falls apart are laid out one by one and put at their own
 * places, close together when their means are.
 *
 * @returns n x dim, row-major.
 */
export function spectralLayout(
  points: RealMatrix,
  graph: SparseGraph,
  dim: number,
  metric: Metric,
  rng: Rng,
): Float32Array {
  const { n } = graph;
  const components = connectedComponents(graph);
  const layout =
    components.count > 1
      ? multiComponentLayout(points, graph, verticesByComponent(components), dim, metric, rng)
      : componentLayout(graph, dim, rng);
  const greatest = greatestMagnitude(layout);
  const scale = greatest > 0 ? MAX_COORDINATE / greatest : 1;
  const out = new Float32Array(n * dim);
  for (let p = 0; p < out.length; p++) out[p] = layout[p]! * scale + NOISE * rng.nextNormal();
  return out;
}

/** Uniform in [-10, 10] on each axis. */
export function randomLayout(n: number, dim: number, rng: Rng): Float32Array {
  return new Float32Array(n * dim).map(() => (2 * rng.nextFloat() - 1) * MAX_COORDINATE);
}

/** Moves and scales each axis to [0, 10], in place; an axis without extent becomes 0. */
export function rescaleAxes(layout: Float32Array, dim: number): void {
  for (let c = 0; c < dim; c++) {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let p = c; p < layout.length; p += dim) {
      least = Math.min(least, layout[p]!);
      greatest = Math.max(greatest, layout[p]!);
    }
    const extent = greatest - least;
    for (let p = c; p < layout.length; p += dim) {
      layout[p] = extent > 0 ? (MAX_COORDINATE * (layout[p]! - least)) / extent : 0;
    }
  }
}

/** Layout of one connected graph; few points have no useful spectrum and are drawn. */
function componentLayout(graph: SparseGraph, dim: number, rng: Rng): Float64Array {
  const { n } = graph;
  if (n < 2 * dim || n <= dim + 1) {
    return Float64Array.from({ length: n * dim }, () => 2 * rng.nextFloat() - 1);
  }
  return laplacianEigenvectors(graph, dim, rng).vectors;
}

function multiComponentLayout(
  points: RealMatrix,
  graph: SparseGraph,
  members: readonly Int32Array[],
  dim: number,
  metric: Metric,
  rng: Rng,
): Float64Array {
  const places =
    members.length > 2 * dim
      ? placesByMeans(points, members, dim, metric, rng)
      : placesOnAxes(members.length, dim);
  const out = new Float64Array(graph.n * dim);
  for (const [label, vertices] of members.entries()) {
    const part = componentLayout(subgraph(graph, vertices), dim, rng);
    const greatest = greatestMagnitude(part);
    const room = nearestOther(places, label, dim) / 2;
    const scale = greatest > 0 ? room / greatest : 0;
    for (let i = 0; i < vertices.length; i++) {
      for (let c = 0; c < dim; c++) {
        out[vertices[i]! * dim + c] = places[label * dim + c]! + scale * part[i * dim + c]!;
      }
    }
  }
  return out;
}

/** Up to 2 dim components sit on the positive, then the negative axes. */
function placesOnAxes(count: number, dim: number): Float64Array {
  const positive = Math.ceil(count / 2);
  const out = new Float64Array(count * dim);
  for (let i = 0; i < count; i++) {
    out[i * dim + (i % positive)] = i < positive ? 1 : -1;
  }
  return out;
}

/**
 * Spectral layout of the components' means under the affinity exp(-(d / s)^2). The
 * scale s is the median distance, where umap-learn has 1: unscaled, far means
 * underflow to an affinity of 0 and the spectrum says nothing.
 */
function placesByMeans(
  points: RealMatrix,
  members: readonly Int32Array[],
  dim: number,
  metric: Metric,
  rng: Rng,
): Float64Array {
  const count = members.length;
  if (count > MAX_PLACED_COMPONENTS) {
    return Float64Array.from({ length: count * dim }, () => 2 * rng.nextFloat() - 1);
  }
  const { cols, data } = points;
  const means = new Float64Array(count * cols);
  for (const [label, vertices] of members.entries()) {
    for (const v of vertices) {
      for (let c = 0; c < cols; c++) {
        means[label * cols + c]! += data[v * cols + c]! / vertices.length;
      }
    }
  }
  const between = knnExact(
    { rows: count, cols, data: means },
    { k: count - 1, metric, excludeSelf: true },
  );
  const sorted = between.distances.slice().sort();
  const scale = sorted[sorted.length >> 1]! || 1;
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => i * (count - 1));
  const weights = between.distances.map((d) => Math.max(Math.exp(-((d / scale) ** 2)), 1e-12));
  const affinity = { n: count, offsets, columns: between.indices, weights };
  const places = laplacianEigenvectors(affinity, dim, rng).vectors;
  const greatest = greatestMagnitude(places) || 1;
  return places.map((value) => value / greatest);
}

/** Least positive distance from place `label` to another; 1 when all coincide. */
function nearestOther(places: Float64Array, label: number, dim: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < places.length / dim; j++) {
    let sum = 0;
    for (let c = 0; c < dim; c++) sum += (places[label * dim + c]! - places[j * dim + c]!) ** 2;
    if (sum > 0) least = Math.min(least, Math.sqrt(sum));
  }
  return Number.isFinite(least) ? least : 1;
}

function greatestMagnitude(values: Float64Array): number {
  let greatest = 0;
  for (const value of values) greatest = Math.max(greatest, Math.abs(value));
  return greatest;
}
