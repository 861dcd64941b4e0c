/**
 * Rows [from, from + 4) of the upper triangle of the Gram matrix G = X^T X, float32,
 * samples added in fours by rising number.
 *
 * @param sample s x dim float32, s and dim multiples of 4.
 * @param gram dim x dim float32, zero at the start; columns from `from` on are written.
 */
export function covarianceRows(sample: usize, count: u32, dim: u32, gram: usize, from: u32): void {
  const stride = (<usize>dim) << 2;
  const first = from & ~3;
  const g = gram + <usize>from * stride;
  for (let s: u32 = 0; s < count; s += 4) {
    const x0 = sample + <usize>s * stride;
    const x1 = x0 + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    for (let r: u32 = 0; r < 4; r++) {
      const at = (<usize>(from + r)) << 2;
      const a0 = v128.load32_splat(x0 + at);
      const a1 = v128.load32_splat(x1 + at);
      const a2 = v128.load32_splat(x2 + at);
      const a3 = v128.load32_splat(x3 + at);
      const row = g + <usize>r * stride;
      for (let c = (<usize>first) << 2; c < stride; c += 16) {
        const two = f32x4.add(f32x4.mul(a0, v128.load(x0 + c)), f32x4.mul(a1, v128.load(x1 + c)));
        const more = f32x4.add(f32x4.mul(a2, v128.load(x2 + c)), f32x4.mul(a3, v128.load(x3 + c)));
        v128.store(row + c, f32x4.add(v128.load(row + c), f32x4.add(two, more)));
      }
    }
  }
}
