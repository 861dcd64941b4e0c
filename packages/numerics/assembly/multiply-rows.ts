/**
 * out = rows . basis for rows [from, to), float32, products added by rising column.
 *
 * @param rows n x dim float32; @param basis dim x width float32, width a multiple of 8;
 * @param out n x width float32.
 */
export function multiplyRows(
  rows: usize,
  dim: u32,
  basis: usize,
  width: u32,
  out: usize,
  from: u32,
  to: u32,
): void {
  multiplyInto(rows, from, to, dim, basis, width, out);
}

/** As multiplyRows; row i goes to out + i. */
export function multiplyInto(
  rows: usize,
  from: u32,
  to: u32,
  dim: u32,
  basis: usize,
  width: u32,
  out: usize,
): void {
  let i = from;
  for (; i + 4 <= to; i += 4) {
    for (let c: u32 = 0; c < width; c += 8) multiplyTile(rows, i, dim, basis, width, c, out);
  }
  // The rows left over: the same sums in the same order.
  for (; i < to; i++) {
    for (let c: u32 = 0; c < width; c += 8) multiplyRow(rows, i, dim, basis, width, c, out);
  }
}

/** Rows i ... i + 3 times columns c ... c + 7: eight running sums in registers. */
function multiplyTile(
  rows: usize,
  i: u32,
  dim: u32,
  basis: usize,
  width: u32,
  c: u32,
  out: usize,
): void {
  const stride = (<usize>dim) << 2;
  let a = rows + <usize>i * stride;
  let b = basis + ((<usize>c) << 2);
  const step = (<usize>width) << 2;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (const end = a + stride; a < end; a += 4, b += step) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a + stride);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 2 * stride);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 3 * stride);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
  }
  const to = out + (<usize>i * width + c) * 4;
  v128.store(to, s00);
  v128.store(to, s01, 16);
  v128.store(to + step, s10);
  v128.store(to + step, s11, 16);
  v128.store(to + 2 * step, s20);
  v128.store(to + 2 * step, s21, 16);
  v128.store(to + 3 * step, s30);
  v128.store(to + 3 * step, s31, 16);
}

function multiplyRow(
  rows: usize,
  i: u32,
  dim: u32,
  basis: usize,
  width: u32,
  c: u32,
  out: usize,
): void {
  const a = rows + <usize>i * dim * 4;
  const b = basis + ((<usize>c) << 2);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (let d: u32 = 0; d < dim; d++) {
    const x = v128.load32_splat(a + ((<usize>d) << 2));
    const at = b + <usize>d * width * 4;
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(at)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(at, 16)));
  }
  const to = out + (<usize>i * width + c) * 4;
  v128.store(to, s0);
  v128.store(to, s1, 16);
}
