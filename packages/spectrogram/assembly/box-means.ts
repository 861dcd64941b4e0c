/**
 * Means over boxes of cells, in float64 and in one order: rows of a box from the top, then
 * columns from the left, so that rounding gives the same level on every machine.
 *
 *   out[i][j] = round(sum_x wx(j, x) sum_y wy(i, y) source[y][x])
 *
 * @param source uint8, `width` cells a row.
 * @param rows, columns how boxes are cut: `count` boxes of 32 bytes, first and last cell
 *   (uint32), then the weights of the first, of each inner and of the last cell (float64).
 * @param line float64, one more than `width` rounded up to a multiple of 4: scratch.
 * @param out uint8, rowCount x columnCount.
 */
export function boxMeans(
  source: usize,
  width: u32,
  rows: usize,
  rowCount: u32,
  columns: usize,
  columnCount: u32,
  line: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < rowCount; i++) {
    sumRows(source, width, rows + ((<usize>i) << 5), line);
    for (let j: u32 = 0; j < columnCount; j++) {
      store<u8>(out++, round(sumCells(line, columns + ((<usize>j) << 5))));
    }
  }
}

/** Reads and writes up to 3 cells beyond the row, which nobody asks for. */
function sumRows(source: usize, width: u32, box: usize, line: usize): void {
  const first = load<u32>(box);
  const last = load<u32>(box, 4);
  const firstWeight = f64x2.splat(load<f64>(box, 8));
  const innerWeight = f64x2.splat(load<f64>(box, 16));
  const lastWeight = f64x2.splat(load<f64>(box, 24));
  const top = source + <usize>first * width;
  for (let x: u32 = 0; x < width; x += 4) {
    let at = top + x;
    let cells = wide(at);
    let low = f64x2.mul(firstWeight, lowHalf(cells));
    let high = f64x2.mul(firstWeight, highHalf(cells));
    for (let y = first + 1; y <= last; y++) {
      at += width;
      cells = wide(at);
      const weight = y === last ? lastWeight : innerWeight;
      low = f64x2.add(low, f64x2.mul(weight, lowHalf(cells)));
      high = f64x2.add(high, f64x2.mul(weight, highHalf(cells)));
    }
    const to = line + ((<usize>x) << 3);
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

function sumCells(line: usize, box: usize): f64 {
  const first = line + ((<usize>load<u32>(box)) << 3);
  const last = line + ((<usize>load<u32>(box, 4)) << 3);
  let sum = load<f64>(box, 8) * load<f64>(first);
  if (last === first) return sum;
  const innerWeight = load<f64>(box, 16);
  for (let at = first + 8; at < last; at += 8) sum += innerWeight * load<f64>(at);
  return sum + load<f64>(box, 24) * load<f64>(last);
}

/** As Math.round of what is not negative: halves go up. */
function round(x: f64): u8 {
  const whole = floor(x);
  return <u8>(<u32>whole + <u32>(x - whole >= 0.5));
}

/** Four cells as int32. */
function wide(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

function lowHalf(cells: v128): v128 {
  return f64x2.convert_low_i32x4_u(cells);
}

function highHalf(cells: v128): v128 {
  return f64x2.convert_low_i32x4_u(v128.shuffle<i32>(cells, cells, 2, 3, 2, 3));
}
