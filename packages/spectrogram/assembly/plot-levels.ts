/** The level of a colour with its flags (viridis.ts): asked once per colour. */
declare function levelOfColour(colour: u32): u32;

/** Of a 32-bit hash, leaves the number of a slot. */
const HASH_SHIFT: u32 = 16;

/**
 * Colours of a rectangle of RGBA pixels to levels.
 *
 * @param pixels its first pixel; `pixelStride` bytes from row to row.
 * @param levels its first level, uint8; `levelStride` bytes from row to row.
 * @param memo 65,536 slots of 8 bytes: colour + 1 (0: empty), then its level with flags. Any
 *   picture may have filled it.
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
    const row = levels + <usize>y * levelStride;
    let from = pixels + <usize>y * pixelStride;
    for (let x: u32 = 0; x < columns; x++, from += 4) {
      const level = remembered(load<u32>(from) & 0xffffff, memo);
      store<u8>(row + x, <u8>level);
      if (level > 255) {
        store<u32>(end, ((level & 0x300) << 22) | <u32>(row + x - levels));
        end += 4;
      }
    }
  }
  return <u32>((end - marked) >> 2);
}

function remembered(colour: u32, memo: usize): u32 {
  const slot = memo + ((<usize>((colour * 0x9e3779b1) >>> HASH_SHIFT)) << 3);
  if (load<u32>(slot) === colour + 1) return load<u32>(slot, 4);
  const level = levelOfColour(colour);
  store<u32>(slot, colour + 1);
  store<u32>(slot, level, 4);
  return level;
}
