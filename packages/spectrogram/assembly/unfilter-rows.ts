/**
 * Undoes the filters of PNG rows of 8-bit RGBA and removes their filter bytes, in place.
 * PNG specification, second edition, 9.2 and 9.4.
 *
 * @param at rows x (1 + stride) bytes; becomes rows x stride bytes. The `stride` bytes before
 *   it are zero: the row above the first.
 * @param stride bytes of a row, a multiple of 4.
 * @returns how many rows were done: fewer than `rows` where a filter is unknown.
 */
export function unfilterRows(at: usize, stride: usize, rows: u32): u32 {
  let from = at;
  let to = at;
  for (let row: u32 = 0; row < rows; row++) {
    const filter = load<u8>(from);
    from++;
    // Writing trails reading by the filter bytes so far, so no byte is lost.
    if (filter === 0) memory.copy(to, from, stride);
    else if (filter === 1) sub(from, to, stride);
    else if (filter === 2) up(from, to, stride);
    else if (filter === 3) average(from, to, stride);
    else if (filter === 4) paeth(from, to, stride);
    else return row;
    from += stride;
    to += stride;
  }
  return rows;
}

function sub(from: usize, to: usize, stride: usize): void {
  let left = i32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 4) {
    left = i8x16.add(left, v128.load32_zero(from + i));
    v128.store32_lane(to + i, left, 0);
  }
}

function up(from: usize, to: usize, stride: usize): void {
  const above = to - stride;
  let i: usize = 0;
  for (; i + 16 <= stride; i += 16) {
    v128.store(to + i, i8x16.add(v128.load(from + i), v128.load(above + i)));
  }
  for (; i < stride; i++) store<u8>(to + i, load<u8>(from + i) + load<u8>(above + i));
}

function average(from: usize, to: usize, stride: usize): void {
  const above = to - stride;
  let left = i32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 4) {
    const mean = i16x8.shr_u(i16x8.add(left, channels(above + i)), 1);
    left = lowBytes(i16x8.add(channels(from + i), mean));
    store4(to + i, left);
  }
}

/** The four channels of a pixel side by side; each waits for its left neighbour. */
function paeth(from: usize, to: usize, stride: usize): void {
  const above = to - stride;
  let a = i32x4.splat(0);
  let c = i32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 4) {
    const b = channels(above + i);
    const up = i16x8.sub(b, c);
    const across = i16x8.sub(a, c);
    const pa = i16x8.abs(up);
    const pb = i16x8.abs(across);
    const pc = i16x8.abs(i16x8.add(up, across));
    const least = i16x8.min_s(pc, i16x8.min_s(pa, pb));
    const notLeft = v128.bitselect(b, c, i16x8.eq(least, pb));
    const nearest = v128.bitselect(a, notLeft, i16x8.eq(least, pa));
    a = lowBytes(i16x8.add(channels(from + i), nearest));
    c = b;
    store4(to + i, a);
  }
}

/** Four bytes as int16, in the lower lanes. */
function channels(at: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_zero(at));
}

function lowBytes(v: v128): v128 {
  return v128.and(v, i16x8.splat(255));
}

function store4(at: usize, v: v128): void {
  v128.store32_lane(at, i8x16.narrow_i16x8_u(v, v), 0);
}
