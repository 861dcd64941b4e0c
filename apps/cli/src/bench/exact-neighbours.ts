import type { Matrix } from '@glitchwatch/numerics';

/** Queries compared with a row at once, so that each row is read from memory once for all of them. */
const BLOCK = 8;

/**
 * The k nearest rows by cosine to each of the queried rows, which count among them:
 * exact, by comparing with every row.
 *
 * @returns rows.length x k row numbers, each query's in no order.
 */
export function exactNeighbours(points: Matrix, rows: readonly number[], k: number): Int32Array {
  const lengths = lengthsOf(points);
  const out = new Int32Array(rows.length * k).fill(-1);
  for (let from = 0; from < rows.length; from += BLOCK) {
    const block = rows.slice(from, from + BLOCK);
    out.set(nearestOf(points, lengths, block, k).subarray(0, block.length * k), from * k);
  }
  return out;
}

function lengthsOf({ rows, cols, data }: Matrix): Float64Array {
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) sum += data[i]! * data[i]!;
    lengths[row] = Math.sqrt(sum);
  }
  return lengths;
}

function nearestOf(
  { rows, cols, data }: Matrix,
  lengths: Float64Array,
  block: readonly number[],
  k: number,
): Int32Array {
  // Column by column: the eight values of one column side by side.
  const queries = new Float64Array(cols * BLOCK);
  block.forEach((row, q) => {
    for (let c = 0; c < cols; c++) queries[c * BLOCK + q] = data[row * cols + c]!;
  });
  const lists = Array.from({ length: BLOCK }, () => new NearestList(k));
  const products = new Float64Array(BLOCK);
  for (let row = 0; row < rows; row++) {
    let p0 = 0;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    let p4 = 0;
    let p5 = 0;
    let p6 = 0;
    let p7 = 0;
    const at = row * cols;
    for (let c = 0, q = 0; c < cols; c++, q += BLOCK) {
      const value = data[at + c]!;
      p0 += value * queries[q]!;
      p1 += value * queries[q + 1]!;
      p2 += value * queries[q + 2]!;
      p3 += value * queries[q + 3]!;
      p4 += value * queries[q + 4]!;
      p5 += value * queries[q + 5]!;
      p6 += value * queries[q + 6]!;
      p7 += value * queries[q + 7]!;
    }
    products[0] = p0;
    products[1] = p1;
    products[2] = p2;
    products[3] = p3;
    products[4] = p4;
    products[5] = p5;
    products[6] = p6;
    products[7] = p7;
    for (let q = 0; q < block.length; q++) lists[q]!.offer(row, products[q]! / lengths[row]!);
  }
  const out = new Int32Array(BLOCK * k);
  lists.forEach((list, q) => {
    out.set(list.rows, q * k);
  });
  return out;
}

/** The k rows of the greatest values offered. */
class NearestList {
  readonly rows: Int32Array;
  readonly #values: Float64Array;
  #least = 0;

  constructor(k: number) {
    this.rows = new Int32Array(k).fill(-1);
    this.#values = new Float64Array(k).fill(Number.NEGATIVE_INFINITY);
  }

  offer(row: number, value: number): void {
    if (!(value > this.#values[this.#least]!)) return;
    this.rows[this.#least] = row;
    this.#values[this.#least] = value;
    for (let i = 0; i < this.#values.length; i++) {
      if (this.#values[i]! < this.#values[this.#least]!) this.#least = i;
    }
  }
}
