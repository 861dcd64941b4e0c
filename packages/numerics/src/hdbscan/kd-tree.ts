import type { Points64 } from './core-distances.js';

/** Rows of a leaf at most. 8 and 32 take a tenth longer on layouts of 34,332 points. */
const LEAF = 16;

/**
 * A balanced tree over points of a few dimensions. Node i has the children 2i + 1 and
 * 2i + 2; a node without rows below a leaf does not exist (from = to).
 */
export interface KdTree {
  /** Row of each place; the tree's arrays of points go by place. */
  readonly rows: Uint32Array;
  /** n x cols, by place. */
  readonly data: Float64Array;
  readonly cols: number;
  /** Places [from, to) below each node. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Bounds of the points below each node, nodes x cols. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Nodes from this one on are leaves. */
  readonly firstLeaf: number;
}

/** Splits the widest column at its median, down to leaves of 16. */
export function buildKdTree({ rows: n, cols, data }: Points64): KdTree {
  const depth = Math.max(0, Math.ceil(Math.log2(Math.max(1, n / LEAF))));
  const nodes = 2 ** (depth + 1) - 1;
  const rows = Uint32Array.from({ length: n }, (_, i) => i);
  const from = new Int32Array(nodes);
  const to = new Int32Array(nodes);
  const low = new Float64Array(nodes * cols).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(nodes * cols).fill(Number.NEGATIVE_INFINITY);
  const firstLeaf = 2 ** depth - 1;
  const keys = new Float64Array(n);
  to[0] = n;
  for (let node = 0; node < nodes; node++) {
    for (let p = from[node]!; p < to[node]!; p++) {
      const row = rows[p]! * cols;
      for (let c = 0, b = node * cols; c < cols; c++, b++) {
        const value = data[row + c]!;
        if (value < low[b]!) low[b] = value;
        if (value > high[b]!) high[b] = value;
      }
    }
    if (node >= firstLeaf) continue;
    const column = widest(low, high, node, cols);
    for (let p = from[node]!; p < to[node]!; p++) keys[p] = data[rows[p]! * cols + column]!;
    const middle = (from[node]! + to[node]!) >> 1;
    if (to[node]! - from[node]! > 1) select(rows, keys, from[node]!, to[node]! - 1, middle);
    from[2 * node + 1] = from[node]!;
    to[2 * node + 1] = middle;
    from[2 * node + 2] = middle;
    to[2 * node + 2] = to[node]!;
  }
  const sorted = new Float64Array(n * cols);
  for (let p = 0; p < n; p++) {
    const row = rows[p]! * cols;
    for (let c = 0; c < cols; c++) sorted[p * cols + c] = data[row + c]!;
  }
  return { rows, data: sorted, cols, from, to, low, high, firstLeaf };
}

/** Squared distance of a place's point to the bounds of a node, 0 within them. */
export function squaredToBounds(tree: KdTree, place: number, node: number): number {
  const { data, low, high, cols } = tree;
  let sum = 0;
  for (let c = 0, p = place * cols, b = node * cols; c < cols; c++, p++, b++) {
    const value = data[p]!;
    const beyond = value < low[b]! ? low[b]! - value : value > high[b]! ? value - high[b]! : 0;
    sum += beyond * beyond;
  }
  return sum;
}

function widest(low: Float64Array, high: Float64Array, node: number, cols: number): number {
  let column = 0;
  let extent = -1;
  for (let c = 0; c < cols; c++) {
    const own = high[node * cols + c]! - low[node * cols + c]!;
    if (own > extent) {
      extent = own;
      column = c;
    }
  }
  return column;
}

/** Hoare's selection of keys with their rows; equal keys end in an order of their own. */
function select(
  rows: Uint32Array,
  keys: Float64Array,
  first: number,
  last: number,
  nth: number,
): void {
  let lo = first;
  let hi = last;
  while (lo < hi) {
    const pivot = keys[nth]!;
    let i = lo;
    let j = hi;
    do {
      while (keys[i]! < pivot) i++;
      while (pivot < keys[j]!) j--;
      if (i <= j) {
        const key = keys[i]!;
        keys[i] = keys[j]!;
        keys[j] = key;
        const row = rows[i]!;
        rows[i] = rows[j]!;
        rows[j] = row;
        i++;
        j--;
      }
    } while (i <= j);
    if (j < nth) lo = i;
    if (nth < i) hi = j;
  }
}
