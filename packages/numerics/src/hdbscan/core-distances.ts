import { widestColumn } from '../matrix.js';

/** Points as this folder computes with them: float64, row-major. */
export interface Points64 {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export interface CoreDistances {
  /** Distance to the minSamples-th nearest other row. */
  readonly core: Float64Array;
  /** Distance to the (minSamples - 1)-th: what hdbscan's prediction uses as core distance. */
  readonly inner: Float64Array;
}

/**
 * Core distance of every row: to its minSamples-th nearest other row (Campello,
 * Moulavi and Sander 2013, definition 1, with the point itself not counted),
 * minSamples cut to rows - 1. Exact.
 *
 * Rows are searched outwards along the widest column until its difference alone
 * exceeds the distance found: n log n + n sqrt(n) in a plane, n^2 at worst.
 */
export function coreDistances(
  points: Points64,
  minSamples: number,
  onProgress?: (fraction: number) => void,
): CoreDistances {
  const { rows: n, cols, data } = points;
  const core = new Float64Array(n);
  const inner = new Float64Array(n);
  const k = Math.min(minSamples, n - 1);
  if (k < 1) return { core, inner };
  const { column } = widestColumn(points);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = data[i * cols + column] ?? 0;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, j) => keys[i]! - keys[j]!);
  const sorted = new Float64Array(n * cols);
  const along = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const from = order[i]! * cols;
    sorted.set(data.subarray(from, from + cols), i * cols);
    along[i] = keys[order[i]!]!;
  }
  const least = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    least.fill(Number.POSITIVE_INFINITY);
    let left = i - 1;
    let right = i + 1;
    while (left >= 0 || right < n) {
      const toLeft = left >= 0 ? along[i]! - along[left]! : Number.POSITIVE_INFINITY;
      const toRight = right < n ? along[right]! - along[i]! : Number.POSITIVE_INFINITY;
      const gap = Math.min(toLeft, toRight);
      if (gap * gap > least[k - 1]!) break;
      const j = toLeft <= toRight ? left-- : right++;
      insert(least, squaredDistanceInOrder(sorted, i, sorted, j, cols));
    }
    core[order[i]!] = Math.sqrt(least[k - 1]!);
    inner[order[i]!] = k > 1 ? Math.sqrt(least[k - 2]!) : 0;
    if (i % 1024 === 0) onProgress?.(i / n);
  }
  onProgress?.(1);
  return { core, inner };
}

/**
 * Sum of squared differences, added column by column. The order is part of the
 * result: a core distance and an edge between the same two points must be equal
 * to the last bit, or the tie rule of the spanning tree has nothing to decide.
 */
export function squaredDistanceInOrder(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  cols: number,
): number {
  let sum = 0;
  let p = i * cols;
  let q = j * cols;
  for (const end = p + cols; p < end; p++, q++) {
    const d = a[p]! - b[q]!;
    sum += d * d;
  }
  return sum;
}

function insert(least: Float64Array, value: number): void {
  let at = least.length - 1;
  if (!(value < least[at]!)) return;
  while (at > 0 && least[at - 1]! > value) {
    least[at] = least[at - 1]!;
    at--;
  }
  least[at] = value;
}
