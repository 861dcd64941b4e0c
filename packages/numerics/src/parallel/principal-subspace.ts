import { createRng } from '../rng.js';
import type { Arena } from './arena.js';
import type { ThreadPool } from './thread-pool.js';
import { ranges } from './work.js';

const ITERATIONS = 5;

/** An orthonormal basis of the directions in which the rows vary most, and their mean. */
export interface Subspace {
  readonly width: number;
  /** Address of dim x width float32; column c is the c-th widest direction, roughly. */
  readonly basis: number;
  /** Address of dim float32. */
  readonly mean: number;
  readonly meanSquared: number;
  /** Address of width float32: the mean in the subspace. */
  readonly shift: number;
}

/**
 * Orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2.4) on the covariance of
 * `sampleRows` rows evenly drawn, or all. Five rounds do not separate near directions; what counts
 * for ranking is the span, for the start of the layout the first two.
 *
 * @param rows address of n x dim float32.
 */
export async function principalSubspace(
  pool: ThreadPool,
  arena: Arena,
  {
    rows,
    n,
    dim,
    width,
    sampleRows,
    seed,
  }: { rows: number; n: number; dim: number; width: number; sampleRows: number; seed: number },
): Promise<Subspace> {
  const basis = arena.allocate(4 * dim * width);
  const meanAt = arena.allocate(4 * dim);
  const shiftAt = arena.allocate(4 * width);
  const mark = arena.mark();
  const count = Math.min(sampleRows, n) & ~3;
  const sampleAt = arena.allocate(4 * count * dim);
  const sample = arena.float32(sampleAt, count * dim);
  const all = arena.float32(rows, n * dim);
  const rng = createRng(seed);
  for (let s = 0; s < count; s++) {
    // One of each stretch, which one by chance: rows may come in a rhythm.
    const row = Math.floor(((s + rng.nextFloat()) * n) / count) * dim;
    sample.set(all.subarray(row, row + dim), s * dim);
  }
  const mean = meanOf(sample, count, dim);
  const gramAt = arena.allocate(4 * dim * dim);
  const gram = arena.float32(gramAt, dim * dim).fill(0);
  await pool.run([
    {
      kernel: 'covarianceRows',
      common: [sampleAt, count, dim, gramAt],
      varying: Float64Array.from({ length: dim / 4 }, (_, i) => 4 * i),
      perCall: 1,
    },
  ]);
  finishCovariance(gram, mean, count);
  const start = arena.allocate(4 * dim * width);
  await iterate(pool, arena, { gramAt, dim, width, basis, next: start, seed });
  const q = arena.float32(basis, dim * width);
  const shift = new Float64Array(width);
  let meanSquared = 0;
  for (let d = 0; d < dim; d++) {
    meanSquared += mean[d]! * mean[d]!;
    for (let c = 0; c < width; c++) shift[c]! += mean[d]! * q[d * width + c]!;
  }
  arena.float32(meanAt, dim).set(mean);
  arena.float32(shiftAt, width).set(shift);
  arena.release(mark);
  return { width, basis, mean: meanAt, meanSquared, shift: shiftAt };
}

function meanOf(sample: Float32Array, count: number, dim: number): Float32Array {
  const sums = new Float64Array(dim);
  for (let s = 0; s < count; s++) {
    for (let d = 0; d < dim; d++) sums[d]! += sample[s * dim + d]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}

/** C = G / count - m m^T, the lower triangle mirrored from the upper. */
function finishCovariance(gram: Float32Array, mean: Float32Array, count: number): void {
  const dim = mean.length;
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < dim; j++) {
      const value = gram[i * dim + j]! / count - mean[i]! * mean[j]!;
      gram[i * dim + j] = value;
      gram[j * dim + i] = value;
    }
  }
}

async function iterate(
  pool: ThreadPool,
  arena: Arena,
  parts: {
    gramAt: number;
    dim: number;
    width: number;
    basis: number;
    next: number;
    seed: number;
  },
): Promise<void> {
  const { gramAt, dim, width, basis, next, seed } = parts;
  const q = arena.float32(basis, dim * width);
  const product = arena.float32(next, dim * width);
  const rng = createRng(seed);
  // Columns side by side, so that one is read in order.
  const columns = new Float64Array(width * dim).map(() => rng.nextNormal());
  for (let round = 0; round <= ITERATIONS; round++) {
    if (round > 0) {
      await pool.run([
        {
          kernel: 'multiplyRows',
          common: [gramAt, dim, basis, width, next],
          varying: ranges(0, dim, 64),
          perCall: 2,
        },
      ]);
      for (let d = 0; d < dim; d++) {
        for (let c = 0; c < width; c++) columns[c * dim + d] = product[d * width + c]!;
      }
    }
    orthonormalise(columns, width, dim);
    for (let d = 0; d < dim; d++) {
      for (let c = 0; c < width; c++) q[d * width + c] = columns[c * dim + d]!;
    }
  }
}

/** Modified Gram-Schmidt, in place; a column without anything new becomes 0. */
function orthonormalise(columns: Float64Array, width: number, dim: number): void {
  for (let c = 0; c < width; c++) {
    const own = columns.subarray(c * dim, (c + 1) * dim);
    const before = Math.sqrt(dot(own, own));
    for (let b = 0; b < c; b++) {
      const other = columns.subarray(b * dim, (b + 1) * dim);
      const along = dot(own, other);
      for (let d = 0; d < dim; d++) own[d]! -= along * other[d]!;
    }
    const norm = Math.sqrt(dot(own, own));
    const scale = norm > 1e-9 * before ? 1 / norm : 0;
    for (let d = 0; d < dim; d++) own[d]! *= scale;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let s0 = 0;
  let s1 = 0;
  for (let d = 0; d + 1 < a.length; d += 2) {
    s0 += a[d]! * b[d]!;
    s1 += a[d + 1]! * b[d + 1]!;
  }
  return s0 + s1;
}
