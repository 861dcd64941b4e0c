import { SpectrogramError } from './errors.js';

/**
 * Normalised Q-energy on log frequency x time, the one internal picture format.
 * Row-major; row 0 is the HIGHEST frequency, the last row the lowest; column 0
 * is the earliest time. Value v means normalised energy v / 10 (0 to 25.5).
 *
 * The rows divide 10 to 2048 Hz evenly in log frequency, unless
 * `frequencyRangeHz` says that a source picture was drawn over another range.
 * Grids that travel in messages never carry it: `toMessageGrid` removes it.
 */
export interface SpectrogramGrid {
  readonly nFrequency: number;
  readonly nTime: number;
  readonly data: Uint8Array;
  readonly frequencyRangeHz?: FrequencyRange;
}

/** Lower and upper edge of a frequency axis, Hz. */
export interface FrequencyRange {
  readonly low: number;
  readonly high: number;
}

export interface GridShape {
  readonly nFrequency: number;
  readonly nTime: number;
}

/** Shape of the grids that travel in messages. */
export const MESSAGE_GRID = { nFrequency: 128, nTime: 128 } as const;

/** Lengths of the four windows of a glitch, seconds, shortest first. */
export const WINDOWS_SEC: readonly number[] = [0.5, 1, 2, 4];

/** The axis every grid has unless it says otherwise. */
export const FREQUENCY_RANGE_HZ: FrequencyRange = { low: 10, high: 2048 };

/** Normalised energy of one grid level; level 255 is 25.5, where Gravity Spy's colours end. */
export const ENERGY_PER_LEVEL = 0.1;

/** A side longer than this is a mistake, not a spectrogram. */
const MAX_SIDE = 8192;

/** Throws `bad_grid` unless the shape is sane and the data fills it exactly. */
export function assertGrid(grid: SpectrogramGrid): void {
  assertShape(grid);
  const expected = grid.nFrequency * grid.nTime;
  if (grid.data.length !== expected) {
    throw new SpectrogramError(
      'bad_grid',
      `grid data: expected ${expected} bytes for ${grid.nFrequency} x ${grid.nTime}, found ${grid.data.length}`,
    );
  }
  const range = grid.frequencyRangeHz;
  if (range && !(range.low > 0 && range.high > range.low && Number.isFinite(range.high))) {
    throw new SpectrogramError(
      'bad_grid',
      `grid frequency range: expected 0 < low < high, found ${range.low} to ${range.high} Hz`,
    );
  }
}

/** Throws `bad_grid` unless both sides are whole numbers from 1 to 8192. */
export function assertShape({ nFrequency, nTime }: GridShape): void {
  for (const [name, side] of [
    ['nFrequency', nFrequency],
    ['nTime', nTime],
  ] as const) {
    if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE) {
      throw new SpectrogramError(
        'bad_grid',
        `grid ${name}: expected a whole number from 1 to ${MAX_SIDE}, found ${side}`,
      );
    }
  }
}

/** Frequency (Hz) at a row coordinate: 0 is the top edge of row 0, nFrequency the bottom edge. */
export function frequencyAtRow(row: number, grid: SpectrogramGrid): number {
  const { low, high } = grid.frequencyRangeHz ?? FREQUENCY_RANGE_HZ;
  return high * (low / high) ** (row / grid.nFrequency);
}

/** Inverse of `frequencyAtRow`. */
export function rowAtFrequency(frequencyHz: number, grid: SpectrogramGrid): number {
  const { low, high } = grid.frequencyRangeHz ?? FREQUENCY_RANGE_HZ;
  return (grid.nFrequency * Math.log(high / frequencyHz)) / Math.log(high / low);
}
