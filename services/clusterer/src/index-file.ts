import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildHnswIndex,
  createMatrix,
  type HnswIndex,
  type HnswOptions,
  hnswGraphFromNeighbors,
  loadHnswIndex,
  type Matrix,
  type Neighbors,
} from '@glitchwatch/numerics';

/** Part of the model: another value would make the same vectors another graph. */
const indexOptions = {
  metric: 'cosine',
  m: 16,
  efConstruction: 100,
  seed: 42,
} as const satisfies HnswOptions;

export interface IndexPlan {
  /** Whether the graph comes out of the fit's neighbours, not by inserting row by row. */
  readonly isFromNeighbours: boolean;
  /** Neighbours per row that the graph wants. */
  readonly neighbours: number;
  /** Candidates that a search follows. */
  readonly ef: number;
}

/**
 * Inserting row by row makes the better graph: the same agreement with a refit for four
 * fifths of the time a search takes. But it is done on one core: a third of a millisecond per
 * row and more as they grow in number, a quarter of an hour for a million.
 */
export function indexPlanOf(rows: number): IndexPlan {
  return rows < 100_000
    ? { isFromNeighbours: false, neighbours: 0, ef: 100 }
    : { isFromNeighbours: true, neighbours: 24, ef: 200 };
}

/** The graph of an index over `points`; `knn` are their neighbours. */
export function indexGraph(points: Matrix, knn: Neighbors, plan: IndexPlan): Uint8Array {
  return plan.isFromNeighbours
    ? hnswGraphFromNeighbors(points, knn, { ...indexOptions, graphBytes })
    : graphBytes(buildHnswIndex(points, indexOptions));
}

/** hnswlib writes and reads its graph as a file only; it passes through the temporary folder. */
function graphBytes(index: HnswIndex): Uint8Array {
  const path = temporaryPath();
  try {
    index.saveGraph(path);
    return readFileSync(path);
  } finally {
    rmSync(path, { force: true });
  }
}

/** The index over `vectors` (row-major, `dimension` columns), without building it again. */
export async function openIndex(
  graph: Uint8Array,
  vectors: Float32Array,
  dimension: number,
): Promise<HnswIndex> {
  const path = temporaryPath();
  try {
    await writeFile(path, graph);
    const points = createMatrix(vectors.length / dimension, dimension, vectors);
    const { ef } = indexPlanOf(points.rows);
    return await loadHnswIndex(path, points, { ...indexOptions, ef });
  } finally {
    await rm(path, { force: true });
  }
}

function temporaryPath(): string {
  return join(tmpdir(), `glitchwatch-index-${process.pid}-${randomUUID()}.hnsw`);
}
