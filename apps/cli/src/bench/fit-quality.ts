import {
  adjustedRand,
  createRng,
  type Matrix,
  type Neighbors,
  trustworthiness,
} from '@glitchwatch/numerics';
import { exactNeighbours } from './exact-neighbours.js';

/** Trustworthiness of a layout at 15 neighbours, within rows drawn from all. */
export function sampledTrust(points: Matrix, layout: Float32Array, size: number): number {
  const rows = drawnRows(points.rows, size);
  const map = { rows: points.rows, cols: 2, data: layout };
  return trustworthiness(pick(points, rows), pick(map, rows), 15, 'cosine');
}

/** Share of the 15 nearest (the row itself among them) found, of rows drawn from all. */
export function sampledRecall(points: Matrix, knn: Neighbors, size: number): number {
  const rows = drawnRows(points.rows, size);
  const exact = exactNeighbours(points, rows, 15);
  let hits = 0;
  rows.forEach((row, i) => {
    const truth = new Set(exact.subarray(15 * i, 15 * (i + 1)));
    const found = knn.indices.subarray(row * knn.k, row * knn.k + 15);
    for (const other of found) if (truth.has(other)) hits++;
  });
  return hits / (15 * rows.length);
}

/** Adjusted Rand index over the rows that have a kind (not -1); noise is a family of its own. */
export function kindAgreement(kinds: ArrayLike<number>, labels: ArrayLike<number>): number {
  const rows = Array.from(kinds, (_, row) => row).filter((row) => kinds[row]! >= 0);
  return adjustedRand(
    rows.map((row) => kinds[row]!),
    rows.map((row) => labels[row]!),
  );
}

/** Distinct rows, the same for the same sizes. */
function drawnRows(n: number, size: number): number[] {
  const rng = createRng(1);
  const drawn = new Set<number>();
  while (drawn.size < Math.min(size, n)) drawn.add(rng.nextInt(n));
  return [...drawn];
}

function pick({ cols, data }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float32Array(rows.length * cols);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { rows: rows.length, cols, data: out };
}
