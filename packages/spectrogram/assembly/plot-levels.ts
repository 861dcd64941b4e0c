/** The level of a colour with its flags (viridis.ts). */
declare function levelOfColour(colour: u32): u32;

const COLOUR: u32 = 0xffffff;

/**
 * Colours of a rectangle of RGBA pixels to levels. Four pixels whose colours are all known
 * take one test and one store.
 *
 * @param pixels its first pixel; `pixelStride` bytes from row to row.
 * @param levels its first level, uint8; `levelStride` bytes from row to row.
 * @param memo 65,536 uint32: a colour without flags and, in the highest byte, its level. Zero at
 *   the start but for the first, which holds 1: no slot may seem to hold the colour that it is for.
 * @param marked uint32, as many as there are cells at most: levels with flags, as
 *   flags << 22 | cell, where cell counts from `levels`.
 * @returns how many cells are marked.
 */
export function plotLevels(
  pixels: usize,
  pixelStride: usize,
  columns: u32,
  rows: u32,
  levels: usize,
  levelStride: usize,
  memo: usize,
  marked: usize,
): u32 {
  let end = marked;
  for (let y: u32 = 0; y < rows; y++) {
    let from = pixels + <usize>y * pixelStride;
    let to = levels + <usize>y * levelStride;
    const stop = to + columns;
    for (; to + 4 <= stop; to += 4, from += 16) {
      const a = load<u32>(from);
      const b = load<u32>(from, 4);
      const c = load<u32>(from, 8);
      const d = load<u32>(from, 12);
      const ea = load<u32>(slotOf(a, memo));
      const eb = load<u32>(slotOf(b, memo));
      const ec = load<u32>(slotOf(c, memo));
      const ed = load<u32>(slotOf(d, memo));
      if ((((ea ^ a) | (eb ^ b) | (ec ^ c) | (ed ^ d)) & COLOUR) === 0) {
        store<u32>(to, (ea >>> 24) | ((eb >>> 24) << 8) | ((ec >>> 24) << 16) | (ed & ~COLOUR));
        continue;
      }
      end = putLevel(a, to, levels, memo, end);
      end = putLevel(b, to + 1, levels, memo, end);
      end = putLevel(c, to + 2, levels, memo, end);
      end = putLevel(d, to + 3, levels, memo, end);
    }
    for (; to < stop; to++, from += 4) end = putLevel(load<u32>(from), to, levels, memo, end);
  }
  return <u32>((end - marked) >> 2);
}

function slotOf(pixel: u32, memo: usize): usize {
  return memo + ((<usize>(((pixel & COLOUR) * 0x9e3779b1) >>> 16)) << 2);
}

/** Returns the end of the marked cells. */
function putLevel(pixel: u32, to: usize, levels: usize, memo: usize, end: usize): usize {
  const slot = slotOf(pixel, memo);
  const entry = load<u32>(slot);
  if (((entry ^ pixel) & COLOUR) === 0) {
    store<u8>(to, <u8>(entry >>> 24));
    return end;
  }
  const level = levelOfColour(pixel & COLOUR);
  store<u8>(to, <u8>level);
  if (level < 256) {
    store<u32>(slot, (level << 24) | (pixel & COLOUR));
    return end;
  }
  store<u32>(end, ((level & 0x300) << 22) | <u32>(to - levels));
  return end + 4;
}
