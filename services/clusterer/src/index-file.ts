import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createMatrix,
  type HnswIndex,
  type HnswOptions,
  loadHnswIndex,
} from '@glitchwatch/numerics';

/** Part of the model: another value would make the same vectors another graph. */
export const indexOptions = {
  metric: 'cosine',
  m: 16,
  efConstruction: 100,
  seed: 42,
} as const satisfies HnswOptions;

/** hnswlib writes and reads its graph as a file only; it passes through the temporary folder. */
export function graphBytes(index: HnswIndex): Uint8Array {
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
    return loadHnswIndex(path, points, indexOptions);
  } finally {
    await rm(path, { force: true });
  }
}

function temporaryPath(): string {
  return join(tmpdir(), `glitchwatch-index-${process.pid}-${randomUUID()}.hnsw`);
}
