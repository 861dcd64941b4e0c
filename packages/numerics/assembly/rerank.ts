import { sumLanes } from './lanes';

const NONE: u32 = 0xffffffff;

/**
 * The `wanted` nearest of each list of positions [from, to) by the exact cosine distance
 * |x - y|^2 / 2 of unit rows, float32; equal distances by the lower position. Four candidates
 * at a time: at a million rows they lie in memory, not in a cache, and four are waited for at once.
 *
 * @param rows n x dim float32, unit length, dim a multiple of 8; @param order n uint32, row of each position.
 * @param heaps n x size keys, see nearest-heap; only positions are read.
 * @param indices n x (wanted + 1) int32: the position itself, then its nearest, -1 for none.
 * @param distances n x (wanted + 1) float32: 0, then theirs, infinity for none.
 */
export function nearestExactly(
  rows: usize,
  dim: u32,
  order: usize,
  heaps: usize,
  size: u32,
  wanted: u32,
  indices: usize,
  distances: usize,
  from: u32,
  to: u32,
): void {
  for (let p = from; p < to; p++) {
    const own = rows + <usize>load<u32>(order + ((<usize>p) << 2)) * dim * 4;
    const ids = indices + <usize>p * (wanted + 1) * 4;
    const values = distances + <usize>p * (wanted + 1) * 4;
    store<u32>(ids, p);
    store<f32>(values, 0);
    let found: u32 = 0;
    const heap = heaps + <usize>p * size * 8;
    for (let c: u32 = 0; c < size; c += 4) {
      const p0 = candidateAt(heap, size, c);
      const p1 = candidateAt(heap, size, c + 1);
      const p2 = candidateAt(heap, size, c + 2);
      const p3 = candidateAt(heap, size, c + 3);
      const d = halfSquares(
        own,
        rowOf(rows, dim, order, p0, own),
        rowOf(rows, dim, order, p1, own),
        rowOf(rows, dim, order, p2, own),
        rowOf(rows, dim, order, p3, own),
        dim,
      );
      found = insert(ids, values, found, wanted, f32x4.extract_lane(d, 0), p0);
      found = insert(ids, values, found, wanted, f32x4.extract_lane(d, 1), p1);
      found = insert(ids, values, found, wanted, f32x4.extract_lane(d, 2), p2);
      found = insert(ids, values, found, wanted, f32x4.extract_lane(d, 3), p3);
    }
    for (let c = found + 1; c <= wanted; c++) {
      store<i32>(ids + ((<usize>c) << 2), -1);
      store<f32>(values + ((<usize>c) << 2), Infinity);
    }
  }
}

/** Position of candidate c, NONE behind the last. */
function candidateAt(heap: usize, size: u32, c: u32): u32 {
  return c < size ? load<u32>(heap + ((<usize>c) << 3)) : NONE;
}

/** Address of a position's row, `own` where there is none. */
function rowOf(rows: usize, dim: u32, order: usize, position: u32, own: usize): usize {
  if (position === NONE) return own;
  return rows + <usize>load<u32>(order + ((<usize>position) << 2)) * dim * 4;
}

/** Insertion into places 1 ... wanted, of which `found` are taken; returns how many are then. */
function insert(ids: usize, values: usize, found: u32, wanted: u32, d: f32, other: u32): u32 {
  if (other === NONE) return found;
  let at = found;
  if (found === wanted) {
    const worst = load<f32>(values + ((<usize>wanted) << 2));
    if (d > worst || (d === worst && other > load<u32>(ids + ((<usize>wanted) << 2)))) return found;
    at = wanted - 1;
  }
  while (at > 0) {
    const before = load<f32>(values + ((<usize>at) << 2));
    const id = load<u32>(ids + ((<usize>at) << 2));
    if (before < d || (before === d && id < other)) break;
    store<f32>(values + ((<usize>at) << 2), before, 4);
    store<u32>(ids + ((<usize>at) << 2), id, 4);
    at--;
  }
  store<f32>(values + ((<usize>at) << 2), d, 4);
  store<u32>(ids + ((<usize>at) << 2), other, 4);
  return min<u32>(found + 1, wanted);
}

/** |x - y|^2 / 2 of x and four others; sums by four lanes of even and of odd column blocks. */
function halfSquares(x: usize, y0: usize, y1: usize, y2: usize, y3: usize, dim: u32): v128 {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const bytes = (<usize>dim) << 2;
  for (let c: usize = 0; c < bytes; c += 32) {
    const even = v128.load(x + c);
    const odd = v128.load(x + c, 16);
    s00 = addSquare(s00, even, y0 + c);
    s01 = addSquare(s01, odd, y0 + c + 16);
    s10 = addSquare(s10, even, y1 + c);
    s11 = addSquare(s11, odd, y1 + c + 16);
    s20 = addSquare(s20, even, y2 + c);
    s21 = addSquare(s21, odd, y2 + c + 16);
    s30 = addSquare(s30, even, y3 + c);
    s31 = addSquare(s31, odd, y3 + c + 16);
  }
  const sums = f32x4(
    sumLanes(f32x4.add(s00, s01)),
    sumLanes(f32x4.add(s10, s11)),
    sumLanes(f32x4.add(s20, s21)),
    sumLanes(f32x4.add(s30, s31)),
  );
  return f32x4.mul(sums, f32x4.splat(0.5));
}

/** sum + (x - y)^2 by lanes. */
function addSquare(sum: v128, x: v128, y: usize): v128 {
  const difference = f32x4.sub(x, v128.load(y));
  return f32x4.add(sum, f32x4.mul(difference, difference));
}
