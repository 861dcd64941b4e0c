/** Rows that are worked on at once, one a lane. */
const LANES: u32 = 16;
const BLOCK: usize = 256;

/**
 * Turns the residuals of a grid into its levels (`encodeGrid` says what is predicted).
 *
 * A level waits for the one above and for its left neighbour. So 16 rows go together, each
 * a column behind the row above it: at step t lane k is at column t - k, what it needs from
 * above is what lane k - 1 gave at step t - 1, and no lane waits for another.
 *
 * @param residuals uint8, rows x columns; 16 x columns + 32 bytes behind them may be read.
 * @param scratch 512 + 16 x (columns + 48) bytes.
 * @param levels uint8, rows x columns.
 */
export function addPredictions(
  residuals: usize,
  rows: u32,
  columns: u32,
  scratch: usize,
  levels: usize,
): void {
  const strip = scratch + 2 * BLOCK;
  // A row of the strip begins at 16: what a lane gives before its first column goes before that.
  const pitch = columns + 48;
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (let row: u32 = 0; row < rows; row += LANES) {
    const from = residuals + <usize>row * columns;
    const above = levels + <usize>row * columns - columns;
    let left = i8x16.splat(0);
    let corner = i8x16.splat(0);
    for (let t0: u32 = 0; t0 < columns + LANES - 1; t0 += LANES) {
      transpose(from + t0, columns - 1, scratch);
      for (let j: u32 = 0; j < LANES; j++) {
        const t = t0 + j;
        const top: u8 = row > 0 && t < columns ? load<u8>(above + t) : 0;
        const up = v128.shuffle<i8>(
          i8x16.splat(top),
          left,
          0,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
          30,
        );
        const at = scratch + ((<usize>j) << 4);
        const level = i8x16.add(v128.load(at), predicted(up, left, corner));
        // A lane that has not begun yet is the nothing left of the grid.
        left = v128.and(level, i8x16.le_u(lanes, i8x16.splat(<i8>min(t, 15))));
        corner = up;
        v128.store(at, left);
      }
      transpose(scratch, LANES, scratch);
      for (let k: u32 = 0; k < LANES; k++) {
        v128.store(strip + <usize>k * pitch + 16 + t0 - k, v128.load(scratch + ((<usize>k) << 4)));
      }
    }
    for (let k: u32 = 0; k < min(LANES, rows - row); k++) {
      memory.copy(levels + <usize>(row + k) * columns, strip + <usize>k * pitch + 16, columns);
    }
  }
}

/** The median of `up`, `left` and up + left - corner. */
function predicted(up: v128, left: v128, corner: v128): v128 {
  const low = i8x16.min_u(up, left);
  const high = i8x16.max_u(up, left);
  const slope = i8x16.sub(i8x16.add(up, left), corner);
  const isLow = i8x16.eq(i8x16.max_u(corner, high), corner);
  const isHigh = i8x16.eq(i8x16.min_u(corner, low), corner);
  return v128.bitselect(low, v128.bitselect(high, slope, isHigh), isLow);
}

/**
 * 16 x 16 bytes, rows `pitch` apart, into 16 x 16 at `to`, row by column; the 256 bytes
 * behind `to` are scratch. Interleaving row i with row i + 8 four times is a transposition.
 */
function transpose(from: usize, pitch: usize, to: usize): void {
  interleave(from, pitch, to + BLOCK);
  interleave(to + BLOCK, 16, to);
  interleave(to, 16, to + BLOCK);
  interleave(to + BLOCK, 16, to);
}

function interleave(from: usize, pitch: usize, to: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(from + i * pitch);
    const b = v128.load(from + (i + 8) * pitch);
    v128.store(
      to + (i << 5),
      v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    );
    v128.store(
      to + (i << 5),
      v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    );
  }
}
