import { sumLanes } from './lanes';

const SAMPLE: u32 = 256;
const ROUNDS: u32 = 4;

/**
 * Parts order[from, to) in two by a plane, `left` rows on the near side: 2-means over up
 * to 256 rows evenly drawn, then a selection by the projection on the line between the
 * two centres.
 *
 * @param order n uint32, rows by position; permuted within the range.
 * @param quantised n x width int16, width a multiple of 8.
 * @param keys n float32, scratch by position.
 * @param scratch 4 x width float32: centres a and b, then sums of a and b.
 */
export function splitRange(
  order: usize,
  quantised: usize,
  width: u32,
  keys: usize,
  from: u32,
  to: u32,
  left: u32,
  scratch: usize,
): void {
  const bytes = (<usize>width) << 2;
  const a = scratch;
  const b = a + bytes;
  const sumA = b + bytes;
  const sumB = sumA + bytes;
  const count = to - from;
  const drawn = min<u32>(SAMPLE, count);
  copyRow(a, rowAt(order, from, quantised, width), width);
  copyRow(
    b,
    rowAt(order, from + farthest(order, from, count, drawn, quantised, width, a), quantised, width),
    width,
  );
  for (let round: u32 = 0; round < ROUNDS; round++) {
    memory.fill(sumA, 0, 2 * bytes);
    let inA: f32 = 0;
    let inB: f32 = 0;
    for (let s: u32 = 0; s < drawn; s++) {
      const row = rowAt(order, from + <u32>((<u64>s * count) / drawn), quantised, width);
      if (squaredTo(row, a, width) <= squaredTo(row, b, width)) {
        addRow(sumA, row, width);
        inA += 1;
      } else {
        addRow(sumB, row, width);
        inB += 1;
      }
    }
    if (inA > 0) scaleTo(a, sumA, <f32>1 / inA, width);
    if (inB > 0) scaleTo(b, sumB, <f32>1 / inB, width);
  }
  // The direction from a to b takes the place of b.
  for (let c: u32 = 0; c < width; c += 4) {
    const at = (<usize>c) << 2;
    v128.store(b + at, f32x4.sub(v128.load(b + at), v128.load(a + at)));
  }
  for (let p = from; p < to; p++) {
    store<f32>(keys + ((<usize>p) << 2), dotTo(rowAt(order, p, quantised, width), b, width));
  }
  select(order, keys, from, to - 1, from + left);
}

function rowAt(order: usize, position: u32, quantised: usize, width: u32): usize {
  return quantised + <usize>load<u32>(order + ((<usize>position) << 2)) * width * 2;
}

/** Offset of the drawn row farthest from `centre`. */
function farthest(
  order: usize,
  from: u32,
  count: u32,
  drawn: u32,
  quantised: usize,
  width: u32,
  centre: usize,
): u32 {
  let best: u32 = 0;
  let greatest: f32 = -1;
  for (let s: u32 = 0; s < drawn; s++) {
    const offset = <u32>((<u64>s * count) / drawn);
    const d = squaredTo(rowAt(order, from + offset, quantised, width), centre, width);
    if (d > greatest) {
      greatest = d;
      best = offset;
    }
  }
  return best;
}

function lowOf(x: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x));
}

function highOf(x: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x));
}

function copyRow(out: usize, row: usize, width: u32): void {
  for (let c: u32 = 0; c < width; c += 8) {
    const x = v128.load(row + ((<usize>c) << 1));
    v128.store(out + ((<usize>c) << 2), lowOf(x));
    v128.store(out + ((<usize>c) << 2), highOf(x), 16);
  }
}

function addRow(out: usize, row: usize, width: u32): void {
  for (let c: u32 = 0; c < width; c += 8) {
    const x = v128.load(row + ((<usize>c) << 1));
    const at = out + ((<usize>c) << 2);
    v128.store(at, f32x4.add(v128.load(at), lowOf(x)));
    v128.store(at, f32x4.add(v128.load(at, 16), highOf(x)), 16);
  }
}

function scaleTo(out: usize, values: usize, by: f32, width: u32): void {
  const factor = f32x4.splat(by);
  for (let c: usize = 0; c < (<usize>width) << 2; c += 16) {
    v128.store(out + c, f32x4.mul(v128.load(values + c), factor));
  }
}

function squaredTo(row: usize, centre: usize, width: u32): f32 {
  let sums = f32x4.splat(0);
  for (let c: u32 = 0; c < width; c += 8) {
    const x = v128.load(row + ((<usize>c) << 1));
    const at = centre + ((<usize>c) << 2);
    const low = f32x4.sub(lowOf(x), v128.load(at));
    const high = f32x4.sub(highOf(x), v128.load(at, 16));
    sums = f32x4.add(sums, f32x4.add(f32x4.mul(low, low), f32x4.mul(high, high)));
  }
  return sumLanes(sums);
}

function dotTo(row: usize, direction: usize, width: u32): f32 {
  let sums = f32x4.splat(0);
  for (let c: u32 = 0; c < width; c += 8) {
    const x = v128.load(row + ((<usize>c) << 1));
    const at = direction + ((<usize>c) << 2);
    const low = f32x4.mul(lowOf(x), v128.load(at));
    sums = f32x4.add(sums, f32x4.add(low, f32x4.mul(highOf(x), v128.load(at, 16))));
  }
  return sumLanes(sums);
}

/** Hoare's selection: after it, no key before position `nth` is greater than one from it on. */
function select(order: usize, keys: usize, first: u32, last: u32, nth: u32): void {
  let lo = <i32>first;
  let hi = <i32>last;
  while (lo < hi) {
    const pivot = load<f32>(keys + ((<usize>nth) << 2));
    let i = lo;
    let j = hi;
    do {
      while (load<f32>(keys + ((<usize>i) << 2)) < pivot) i++;
      while (pivot < load<f32>(keys + ((<usize>j) << 2))) j--;
      if (i <= j) {
        swap(keys, i, j);
        swap(order, i, j);
        i++;
        j--;
      }
    } while (i <= j);
    if (j < <i32>nth) lo = i;
    if (<i32>nth < i) hi = j;
  }
}

/** Swaps two 32-bit words. */
function swap(words: usize, i: i32, j: i32): void {
  const at = words + ((<usize>i) << 2);
  const other = words + ((<usize>j) << 2);
  const word = load<u32>(at);
  store<u32>(at, load<u32>(other));
  store<u32>(other, word);
}
