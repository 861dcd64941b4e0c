import { sumLanes } from './lanes';

/**
 * Scales rows to length 1, in place: x <- x / |x|, float32.
 *
 * @param rows n x dim float32, dim a multiple of 8 (padded with zeros).
 * @param refused one uint32: how many rows have no finite positive length; they stay as they are.
 */
export function unitRows(rows: usize, dim: u32, refused: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i++) {
    const row = rows + <usize>i * dim * 4;
    let sums = f32x4.splat(0);
    for (let c: u32 = 0; c < dim; c += 4) {
      const x = v128.load(row + ((<usize>c) << 2));
      sums = f32x4.add(sums, f32x4.mul(x, x));
    }
    const norm = sqrt<f32>(sumLanes(sums));
    if (!(norm > 0 && norm < Infinity)) {
      atomic.add<u32>(refused, 1);
      continue;
    }
    const scale = f32x4.splat(<f32>1 / norm);
    for (let c: u32 = 0; c < dim; c += 4) {
      const at = row + ((<usize>c) << 2);
      v128.store(at, f32x4.mul(v128.load(at), scale));
    }
  }
}
