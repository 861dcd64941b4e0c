import { sumLanes } from './lanes';

/**
 * The `wanted` nearest of each list of positions [from, to) by the exact cosine distance
 * |x - y|^2 / 2 of unit rows, float32; equal distances by the lower position.
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
    for (let at = heap; at < heap + ((<usize>size) << 3); at += 8) {
      const other = load<u32>(at);
      if (other === u32.MAX_VALUE) continue;
      const row = rows + <usize>load<u32>(order + ((<usize>other) << 2)) * dim * 4;
      const d = halfSquared(own, row, dim);
      found = insert(ids, values, found, wanted, d, other);
    }
    for (let c = found + 1; c <= wanted; c++) {
      store<i32>(ids + ((<usize>c) << 2), -1);
      store<f32>(values + ((<usize>c) << 2), Infinity);
    }
  }
}

/** Insertion into places 1 ... wanted, of which `found` are taken; returns how many are then. */
function insert(ids: usize, values: usize, found: u32, wanted: u32, d: f32, other: u32): u32 {
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

function halfSquared(a: usize, b: usize, dim: u32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  const bytes = (<usize>dim) << 2;
  for (let c: usize = 0; c < bytes; c += 32) {
    const d0 = f32x4.sub(v128.load(a + c), v128.load(b + c));
    const d1 = f32x4.sub(v128.load(a + c, 16), v128.load(b + c, 16));
    s0 = f32x4.add(s0, f32x4.mul(d0, d0));
    s1 = f32x4.add(s1, f32x4.mul(d1, d1));
  }
  return <f32>0.5 * sumLanes(f32x4.add(s0, s1));
}
