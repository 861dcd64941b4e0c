import { keyOf, offer } from './nearest-heap';

/**
 * Offers all rows of two leaves to one another, by
 *
 *   d(x, y) = max(0, norms[x] + norms[y] - 2 / scale^2 * q_x . q_y)
 *
 * the squared distance with the product taken in the subspace only. Four rows against
 * eight at a time; a tile whose distances all exceed both sides' worst is done with.
 *
 * @param packed, norms see packRows. @param heaps, size, worst see nearest-heap.
 * @param a, b first positions of two different leaves of so many rows, multiples of 8.
 * @param twice 2 / scale^2.
 */
export function compareLeaves(
  packed: usize,
  width: u32,
  norms: usize,
  heaps: usize,
  size: u32,
  worst: usize,
  twice: f32,
  a: u32,
  rowsA: u32,
  b: u32,
  rowsB: u32,
): void {
  tiles(packed, width, norms, heaps, size, worst, a, rowsA, b, rowsB, twice, true);
}

/** As compareLeaves, a leaf with itself: each row gets all others. */
export function compareWithin(
  packed: usize,
  width: u32,
  norms: usize,
  heaps: usize,
  size: u32,
  worst: usize,
  twice: f32,
  a: u32,
  rows: u32,
): void {
  tiles(packed, width, norms, heaps, size, worst, a, rows, a, rows, twice, false);
}

function tiles(
  packed: usize,
  width: u32,
  norms: usize,
  heaps: usize,
  size: u32,
  worst: usize,
  a: u32,
  rowsA: u32,
  b: u32,
  rowsB: u32,
  twice: f32,
  both: bool,
): void {
  const group = (<usize>width) << 3;
  const factor = f32x4.splat(twice);
  for (let q = a; q < a + rowsA; q += 4) {
    const ours = packed + <usize>(q >> 2) * group;
    for (let c = b; c < b + rowsB; c += 8) {
      const theirs = packed + <usize>(c >> 2) * group;
      let s00 = i32x4.splat(0);
      let s01 = s00;
      let s10 = s00;
      let s11 = s00;
      let s20 = s00;
      let s21 = s00;
      let s30 = s00;
      let s31 = s00;
      for (let j: usize = 0; j < group; j += 16) {
        const c0 = v128.load(theirs + j);
        const c1 = v128.load(theirs + group + j);
        let x = v128.load32_splat(ours + j);
        s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, c0));
        s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, c1));
        x = v128.load32_splat(ours + j, 4);
        s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, c0));
        s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, c1));
        x = v128.load32_splat(ours + j, 8);
        s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, c0));
        s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, c1));
        x = v128.load32_splat(ours + j, 12);
        s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, c0));
        s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, c1));
      }
      offerFour(norms, heaps, size, worst, q, c, s00, factor, both);
      offerFour(norms, heaps, size, worst, q, c + 4, s01, factor, both);
      offerFour(norms, heaps, size, worst, q + 1, c, s10, factor, both);
      offerFour(norms, heaps, size, worst, q + 1, c + 4, s11, factor, both);
      offerFour(norms, heaps, size, worst, q + 2, c, s20, factor, both);
      offerFour(norms, heaps, size, worst, q + 2, c + 4, s21, factor, both);
      offerFour(norms, heaps, size, worst, q + 3, c, s30, factor, both);
      offerFour(norms, heaps, size, worst, q + 3, c + 4, s31, factor, both);
    }
  }
}

/** Row q against rows c ... c + 3, whose products with it are `products`. */
function offerFour(
  norms: usize,
  heaps: usize,
  size: u32,
  worst: usize,
  q: u32,
  c: u32,
  products: v128,
  factor: v128,
  both: bool,
): void {
  const sum = f32x4.add(
    v128.load32_splat(norms + ((<usize>q) << 2)),
    v128.load(norms + ((<usize>c) << 2)),
  );
  const distances = f32x4.sub(sum, f32x4.mul(f32x4.convert_i32x4_s(products), factor));
  let hits = f32x4.le(distances, v128.load32_splat(worst + ((<usize>q) << 2)));
  if (both) hits = v128.or(hits, f32x4.le(distances, v128.load(worst + ((<usize>c) << 2))));
  if (!v128.any_true(hits)) return;
  offerHits(heaps, size, worst, q, c, distances, <u32>i32x4.bitmask(hits), both);
}

function offerHits(
  heaps: usize,
  size: u32,
  worst: usize,
  q: u32,
  c: u32,
  distances: v128,
  mask: u32,
  both: bool,
): void {
  const d = f32x4.pmax(distances, f32x4.splat(0));
  if (mask & 1) offerPair(heaps, size, worst, q, c, f32x4.extract_lane(d, 0), both);
  if (mask & 2) offerPair(heaps, size, worst, q, c + 1, f32x4.extract_lane(d, 1), both);
  if (mask & 4) offerPair(heaps, size, worst, q, c + 2, f32x4.extract_lane(d, 2), both);
  if (mask & 8) offerPair(heaps, size, worst, q, c + 3, f32x4.extract_lane(d, 3), both);
}

function offerPair(
  heaps: usize,
  size: u32,
  worst: usize,
  q: u32,
  c: u32,
  distance: f32,
  both: bool,
): void {
  if (both) offer(heaps, size, worst, c, keyOf(distance, q));
  else if (q === c) return;
  offer(heaps, size, worst, q, keyOf(distance, c));
}
