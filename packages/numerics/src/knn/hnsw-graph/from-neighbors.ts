import { NumericsError } from '../../errors.js';
import { assertPoints, type Matrix } from '../../matrix.js';
import { wholeOption } from '../../options.js';
import { buildHnswIndex, type HnswIndex, type HnswOptions } from '../hnsw.js';
import type { Neighbors } from '../neighbor-lists.js';
import { addLink, linkNeighbours } from './base-layer.js';
import { coveringRows, withUnreached } from './entry-rows.js';
import { readLayers, writeGraph } from './hnswlib-file.js';

export interface NeighborGraphOptions
  extends Pick<HnswOptions, 'm' | 'efConstruction' | 'seed' | 'metric'> {
  /** What hnswlib writes for an index: it writes files only, and this package does none. */
  readonly graphBytes: (index: HnswIndex) => Uint8Array;
}

/**
 * The graph of an index over `points` (n x d) out of neighbours that are known already, in
 * a tenth of the time that inserting row by row takes; `loadHnswIndex` reads it beside the
 * same points and options.
 *
 * The lowest layer are the lists' links and those back, as in graphs that are made on
 * many cores and then searched by hnswlib (CAGRA, Ootomo et al. 2024, arXiv:2308.15136).
 * hnswlib inserts one in twenty rows, which make the layers above; their links also are
 * in the lowest one, where there is room, so that it hangs together. Every row can be
 * reached from one of them.
 *
 * @param knn neighbours of each row by `metric`, the row itself among them or not; 20 and
 *   more make good graphs.
 * @throws NumericsError bad_shape where sizes differ; bad_option for m below 4; not_finite.
 */
export function hnswGraphFromNeighbors(
  points: Matrix,
  knn: Neighbors,
  options: NeighborGraphOptions,
): Uint8Array {
  assertPoints(points, 'points');
  const { rows, cols } = points;
  if (rows === 0 || knn.indices.length !== rows * knn.k) {
    throw new NumericsError(
      'bad_shape',
      `knn: expected lists of ${rows} rows, one at least, found ${knn.indices.length / knn.k}`,
    );
  }
  const m = wholeOption('m', options.m ?? 16, 4);
  const { metric = 'cosine', efConstruction = 200, seed = 42 } = options;
  const base = linkNeighbours(knn, m);
  const entries = withUnreached(base, coveringRows(knn, seed));
  // With half the links hnswlib's own lowest layer has as many as a layer above has here.
  const upper = readLayers(
    options.graphBytes(
      buildHnswIndex(
        { rows: entries.length, cols, data: rowsOf(points, entries) },
        { m: Math.floor(m / 2), efConstruction, seed, metric },
      ),
    ),
  );
  for (const [number, row] of entries.entries()) {
    for (const other of upper.linksOf(number, 0)) addLink(base, row, entries[other]!);
  }
  return writeGraph({ points, metric, base, m, efConstruction, entries, upper });
}

function rowsOf({ cols, data }: Matrix, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * cols);
  for (const [i, row] of rows.entries())
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  return out;
}
