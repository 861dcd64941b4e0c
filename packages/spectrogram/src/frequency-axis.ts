import { brightest, type Frame, type Pixels } from './axes-box.js';
import { SpectrogramError } from './errors.js';
import { FREQUENCY_RANGE_HZ, type FrequencyRange } from './grid.js';

/**
 * Frequency range of a full figure, from its tick marks. Gravity Spy labels
 * the octaves, and the lowest label is 16 Hz in every picture, since every plot
 * begins between 8 and 16 Hz. Most plots run from 10 to 2048 Hz; those of the
 * first observing run go only as far as the tiles do (such as 10.9 to 1889 Hz),
 * which shifts a line by up to 7 rows of 480.
 *
 * undefined where the plot has the usual range, or shows no ticks to judge by.
 * Throws `unknown_layout` where octave ticks give an impossible range.
 */
export function frequencyRangeOf(pixels: Pixels, frame: Frame): FrequencyRange | undefined {
  const ticks = tickRows(pixels, frame);
  const fit = fitOctaves(ticks);
  if (!fit) return undefined;
  const { lowestRow, octaveRows } = fit;
  const top = Math.round((frame.top.outer + frame.top.inner) / 2);
  const bottom = Math.round((frame.bottom.outer + frame.bottom.inner) / 2);
  const low = 16 * 2 ** ((lowestRow - bottom) / octaveRows);
  const high = 16 * 2 ** ((lowestRow - top) / octaveRows);
  const rowsOff = (found: number, usual: number): number =>
    Math.abs(Math.log2(found / usual)) * octaveRows;
  if (rowsOff(low, FREQUENCY_RANGE_HZ.low) < 1 && rowsOff(high, FREQUENCY_RANGE_HZ.high) < 1) {
    return undefined;
  }
  if (low < 7.5 || high < 1000 || high > 2200) {
    throw new SpectrogramError(
      'unknown_layout',
      `frequency axis: expected about 10 to 2048 Hz, found ${low.toFixed(1)} to ${high.toFixed(0)} Hz by its ${ticks.length} ticks`,
    );
  }
  return { low, high };
}

/** Below every viridis mix, above a tick drawn over one. */
const TICK_BRIGHTNESS = 70;

/** Rows with a tick mark outside the frame on its left, or inside it on either side. */
function tickRows(pixels: Pixels, frame: Frame): readonly number[] {
  const places = [frame.left.outer - 3, frame.left.inner + 3, frame.right.inner - 3];
  const rows: number[] = [];
  for (let y = frame.top.inner + 2; y < frame.bottom.inner - 1; y++) {
    const isTick = places.some(
      (x) =>
        x >= 1 &&
        brightest(pixels, x, y) < TICK_BRIGHTNESS &&
        brightest(pixels, x + 1, y) < TICK_BRIGHTNESS,
    );
    if (isTick && rows.at(-1) !== y - 1) rows.push(y);
  }
  return rows;
}

/**
 * Least-squares line through evenly spaced ticks (rows, top to bottom). A tick
 * is drawn on the pixel row whose upper edge is nearest to it. undefined for
 * fewer than four, or uneven ones.
 */
function fitOctaves(
  ticks: readonly number[],
): { lowestRow: number; octaveRows: number } | undefined {
  const n = ticks.length;
  if (n < 4) return undefined;
  const meanIndex = (n - 1) / 2;
  const meanRow = ticks.reduce((sum, row) => sum + row, 0) / n;
  let cross = 0;
  let square = 0;
  ticks.forEach((row, i) => {
    cross += (i - meanIndex) * (row - meanRow);
    square += (i - meanIndex) ** 2;
  });
  const octaveRows = cross / square;
  const isEven = ticks.every(
    (row, i) => Math.abs(row - meanRow - (i - meanIndex) * octaveRows) <= 1.2,
  );
  return isEven ? { lowestRow: meanRow + (n - 1 - meanIndex) * octaveRows, octaveRows } : undefined;
}
