import { sumLanes } from './lanes';
import { multiplyInto } from './multiply-rows';

/**
 * Projected coordinates as int16 and the full centred length of rows [from, to):
 *
 *   p = rows . basis,  q[i][c] = nearest(scale * (p[i][c] - shift[c])),
 *   norms[i] = |x_i|^2 - 2 x_i . m + |m|^2
 *
 * @param rows n x dim float32, unit length, dim a multiple of 4.
 * @param basis dim x width float32, orthonormal columns; width a multiple of 8.
 * @param mean dim float32; @param meanSquared |mean|^2.
 * @param shift width float32, mean . basis.
 * @param quantised n x width int16; @param norms n float32.
 * @param scratch (to - from) x width float32.
 */
export function projectRows(
  rows: usize,
  dim: u32,
  basis: usize,
  width: u32,
  mean: usize,
  meanSquared: f32,
  shift: usize,
  scale: f32,
  quantised: usize,
  norms: usize,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  // As if row `from` were the first of all, so that the scratch holds one call's rows only.
  multiplyInto(rows + <usize>from * dim * 4, 0, to - from, dim, basis, width, scratch);
  const factor = f32x4.splat(scale);
  for (let i = from; i < to; i++) {
    const row = rows + <usize>i * dim * 4;
    let squares = f32x4.splat(0);
    let products = squares;
    for (let c: u32 = 0; c < dim; c += 4) {
      const x = v128.load(row + ((<usize>c) << 2));
      squares = f32x4.add(squares, f32x4.mul(x, x));
      products = f32x4.add(products, f32x4.mul(x, v128.load(mean + ((<usize>c) << 2))));
    }
    const norm = sumLanes(squares) - <f32>2 * sumLanes(products) + meanSquared;
    store<f32>(norms + ((<usize>i) << 2), norm);
    const p = scratch + <usize>(i - from) * width * 4;
    const q = quantised + <usize>i * width * 2;
    for (let c: u32 = 0; c < width; c += 8) {
      const at = (<usize>c) << 2;
      const low = scaled(p + at, shift + at, factor);
      const high = scaled(p + at + 16, shift + at + 16, factor);
      v128.store(q + ((<usize>c) << 1), i16x8.narrow_i32x4_s(low, high));
    }
  }
}

function scaled(p: usize, shift: usize, factor: v128): v128 {
  const value = f32x4.mul(f32x4.sub(v128.load(p), v128.load(shift)), factor);
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(value));
}
