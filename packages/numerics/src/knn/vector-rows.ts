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

  /** Distance in float64 of row i to `query`; zero vectors as in finishDistance. */
  distance(i: number, query: Float32Array, metric: Metric): number {
    const row = this.row(i);
    if (metric === 'euclidean') {
      let sum = 0;
      for (let c = 0; c < row.length; c++) sum += (row[c]! - query[c]!) ** 2;
      return Math.sqrt(sum);
    }
    let rowSquared = 0;
    let querySquared = 0;
    for (let c = 0; c < row.length; c++) {
      rowSquared += row[c]! * row[c]!;
      querySquared += query[c]! * query[c]!;
    }
    if (rowSquared === 0 || querySquared === 0) return rowSquared === querySquared ? 0 : 1;
    const rowNorm = Math.sqrt(rowSquared);
    const queryNorm = Math.sqrt(querySquared);
    let sum = 0;
    for (let c = 0; c < row.length; c++) sum += (row[c]! / rowNorm - query[c]! / queryNorm) ** 2;
    return sum / 2;
  }
}
