/**
 * Copies rows in the order of positions [from, to) into groups of four, interleaved by
 * pairs of columns: 16 bytes hold columns 2j and 2j + 1 of the four rows of a group, so
 * one dot_i16x8_s gives a row's product with four others and no lanes are summed.
 *
 *   packed[(g * width / 2 + j) * 8 + 2 r + e] = quantised[order[4 g + r]][2 j + e]
 *
 * @param order n uint32; @param quantised n x width int16; @param norms n float32, by row.
 * @param packed int16, positions rounded up to whole leaves; @param packedNorms float32, by
 *   position. `from` is a multiple of 4; positions from `count` on get norm NaN: never near.
 */
export function packRows(
  order: usize,
  count: u32,
  quantised: usize,
  width: u32,
  norms: usize,
  packed: usize,
  packedNorms: usize,
  from: u32,
  to: u32,
): void {
  const pairs = width >> 1;
  for (let p = from; p < to; p++) {
    let out = packed + (<usize>(p >> 2) * pairs * 4 + (p & 3)) * 4;
    if (p >= count) {
      store<f32>(packedNorms + ((<usize>p) << 2), NaN);
      continue;
    }
    const row = load<u32>(order + ((<usize>p) << 2));
    const q = quantised + <usize>row * width * 2;
    store<f32>(packedNorms + ((<usize>p) << 2), load<f32>(norms + ((<usize>row) << 2)));
    for (let j: u32 = 0; j < pairs; j++, out += 16) {
      store<u32>(out, load<u32>(q + ((<usize>j) << 2)));
    }
  }
}
