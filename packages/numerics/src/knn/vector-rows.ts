import type { Matrix } from '../matrix.js';
import type { Metric } from './metric.js';

const CHUNK_ROWS = 1024;

/** A given float32 matrix (referenced) followed by rows appended in chunks (copied). */
export class VectorRows {
  readonly cols: number;
  #base: Matrix;
  #chunks: Float32Array[] = [];
  #appended = 0;

  constructor(base: Matrix) {
    this.cols = base.cols;
    this.#base = base;
  }

  get rows(): number {
    return this.#base.rows + this.#appended;
  }

  /** Puts `base` in the place of an empty base. */
  adopt(base: Matrix): void {
    this.#base = base;
  }

  row(i: number): Float32Array {
    const { cols } = this;
    if (i < this.#base.rows) return this.#base.data.subarray(i * cols, (i + 1) * cols);
    const at = i - this.#base.rows;
    const first = (at % CHUNK_ROWS) * cols;
    return this.#chunks[Math.floor(at / CHUNK_ROWS)]!.subarray(first, first + cols);
  }

  /** Copies `vector` behind the last row; returns its row number. */
  append(vector: Float32Array): number {
    const first = (this.#appended % CHUNK_ROWS) * this.cols;
    if (first === 0) this.#chunks.push(new Float32Array(CHUNK_ROWS * this.cols));
    this.#chunks.at(-1)!.set(vector, first);
    this.#appended++;
    return this.rows - 1;
  }

  /** Distances in float64 of rows, by number, to `query`; zero vectors as in finishDistance. */
  distancesFrom(query: Float32Array, metric: Metric): (row: number) => number {
    if (metric === 'euclidean')
      return (i) => Math.sqrt(squaredDifference(this.row(i), 1, query, 1));
    const queryNorm = Math.sqrt(squaredLength(query));
    return (i) => {
      const row = this.row(i);
      const rowNorm = Math.sqrt(squaredLength(row));
      if (rowNorm === 0 || queryNorm === 0) return rowNorm === queryNorm ? 0 : 1;
      return squaredDifference(row, 1 / rowNorm, query, 1 / queryNorm) / 2;
    };
  }
}

/** Four running sums each: no addition waits for the one before it. */
function squaredLength(row: Float32Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = row.length & ~3;
  for (let c = 0; c < whole; c += 4) {
    s0 += row[c]! * row[c]!;
    s1 += row[c + 1]! * row[c + 1]!;
    s2 += row[c + 2]! * row[c + 2]!;
    s3 += row[c + 3]! * row[c + 3]!;
  }
  for (let c = whole; c < row.length; c++) s0 += row[c]! * row[c]!;
  return s0 + s1 + (s2 + s3);
}

/** Of f a - g b. */
function squaredDifference(a: Float32Array, f: number, b: Float32Array, g: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = a.length & ~3;
  for (let c = 0; c < whole; c += 4) {
    const d0 = f * a[c]! - g * b[c]!;
    const d1 = f * a[c + 1]! - g * b[c + 1]!;
    const d2 = f * a[c + 2]! - g * b[c + 2]!;
    const d3 = f * a[c + 3]! - g * b[c + 3]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (let c = whole; c < a.length; c++) s0 += (f * a[c]! - g * b[c]!) ** 2;
  return s0 + s1 + (s2 + s3);
}
