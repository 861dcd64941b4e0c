import type { SpectrogramGrid } from '../grid.js';
import type { PlaneEnergies } from './plane.js';

/** Energies above this saturate: the grid's byte is energy x 10. */
const MAX_ENERGY = 25.5;
/** Point samples along time in one grid column, about as many as a Gravity Spy picture has pixels. */
const SAMPLES_PER_COLUMN = 4;
/** Point samples along log frequency in one grid row. */
const SAMPLES_PER_ROW = 2;

export interface WindowGridOptions {
  readonly nFrequency: number;
  readonly nTime: number;
  readonly highHz: number;
  readonly lowHz: number;
}

/** Catmull-Rom weights of the four samples around position `t` in 0 ... 1. */
function cubicWeights(t: number, out: Float64Array, at: number): void {
  const t2 = t * t;
  const t3 = t2 * t;
  out[at] = (-t3 + 2 * t2 - t) / 2;
  out[at + 1] = (3 * t3 - 5 * t2 + 2) / 2;
  out[at + 2] = (-3 * t3 + 4 * t2 + t) / 2;
  out[at + 3] = (t3 - t2) / 2;
}

/**
 * Where each fine output row lies among the plane's rows: four row indices and
 * four weights per fine row, in log frequency. Fine rows above the highest
 * plane row's bandwidth have weight 0 (the plane was cut at Nyquist there).
 */
function placeRows(frequenciesHz: readonly number[], q: number, options: WindowGridOptions) {
  const n = options.nFrequency * SAMPLES_PER_ROW;
  const index = new Uint32Array(4 * n);
  const weight = new Float64Array(4 * n);
  const last = frequenciesHz.length - 1;
  const topHz = frequenciesHz[last]! * (1 + Math.sqrt(11) / q);
  const span = Math.log(options.lowHz / options.highHz);
  let r = last;
  for (let i = 0; i < n; i++) {
    const hz = options.highHz * Math.exp((span * (i + 0.5)) / n);
    if (hz > topHz) {
      continue;
    }
    while (r > 0 && frequenciesHz[r]! > hz) {
      r--;
    }
    const upper = Math.min(r + 1, last);
    const width = Math.log(frequenciesHz[upper]! / frequenciesHz[r]!);
    const t = width > 0 ? Math.log(hz / frequenciesHz[r]!) / width : 0;
    cubicWeights(Math.min(Math.max(t, 0), 1), weight, 4 * i);
    for (let tap = 0; tap < 4; tap++) {
      index[4 * i + tap] = Math.min(Math.max(r - 1 + tap, 0), last);
    }
  }
  return { index, weight };
}

/** The window of `windowSec` centred at `centreSec`; rows are periodic in time. */
export type WindowGridMaker = (
  plane: PlaneEnergies,
  centreSec: number,
  windowSec: number,
) => SpectrogramGrid;

/**
 * Draws a plane as a grid the way a Gravity Spy picture is drawn and read
 * back: cubic interpolation at points four times denser than the grid, each
 * clipped to 0 ... 25.5, then the box mean. Point samples, not tile means,
 * keep the texture of the noise at high frequency.
 */
export function createWindowGridMaker(
  durationSec: number,
  options: WindowGridOptions,
): WindowGridMaker {
  const nFine = options.nTime * SAMPLES_PER_COLUMN;
  const placements = new Map<number, ReturnType<typeof placeRows>>();
  let fine = new Float32Array(0);
  // Of each fine sample: the tile before it, and the weights of the four around it.
  const tiles = new Int32Array(nFine);
  const weights = new Float64Array(4 * nFine);
  const sums = new Float64Array(options.nTime);

  return (plane, centreSec, windowSec) => {
    const { tiling, energies, offsets } = plane;
    const frequenciesHz = tiling.rows.map((row) => row.frequencyHz);
    let placement = placements.get(tiling.q);
    if (placement === undefined) {
      placement = placeRows(frequenciesHz, tiling.q, options);
      placements.set(tiling.q, placement);
    }
    if (fine.length < tiling.rows.length * nFine) {
      fine = new Float32Array(tiling.rows.length * nFine);
    }
    const startSec = centreSec - windowSec / 2;
    const placeSamples = (nTiles: number): void => {
      const step = ((windowSec / nFine) * nTiles) / durationSec;
      const first = (startSec * nTiles) / durationSec + step / 2;
      for (let j = 0; j < nFine; j++) {
        const position = first + j * step;
        tiles[j] = Math.floor(position);
        cubicWeights(position - tiles[j]!, weights, 4 * j);
      }
    };
    let placedFor = 0;
    for (let r = 0; r < tiling.rows.length; r++) {
      const n = tiling.rows[r]!.nTiles;
      const mask = n - 1;
      const offset = offsets[r]!;
      // Rows with as many tiles, of which there are many, are sampled at the same places.
      if (n !== placedFor) placeSamples(n);
      placedFor = n;
      for (let j = 0; j < nFine; j++) {
        const tile = tiles[j]!;
        fine[r * nFine + j] =
          weights[4 * j]! * energies[offset + ((tile - 1) & mask)]! +
          weights[4 * j + 1]! * energies[offset + (tile & mask)]! +
          weights[4 * j + 2]! * energies[offset + ((tile + 1) & mask)]! +
          weights[4 * j + 3]! * energies[offset + ((tile + 2) & mask)]!;
      }
    }

    const data = new Uint8Array(options.nFrequency * options.nTime);
    const scale = 10 / (SAMPLES_PER_COLUMN * SAMPLES_PER_ROW);
    for (let row = 0; row < options.nFrequency; row++) {
      sums.fill(0);
      for (let sub = 0; sub < SAMPLES_PER_ROW; sub++) {
        const at = 4 * (row * SAMPLES_PER_ROW + sub);
        const w0 = placement.weight[at]!;
        const w1 = placement.weight[at + 1]!;
        const w2 = placement.weight[at + 2]!;
        const w3 = placement.weight[at + 3]!;
        const r0 = placement.index[at]! * nFine;
        const r1 = placement.index[at + 1]! * nFine;
        const r2 = placement.index[at + 2]! * nFine;
        const r3 = placement.index[at + 3]! * nFine;
        for (let column = 0, j = 0; column < options.nTime; column++) {
          let sum = 0;
          for (let s = 0; s < SAMPLES_PER_COLUMN; s++, j++) {
            const e =
              w0 * fine[r0 + j]! + w1 * fine[r1 + j]! + w2 * fine[r2 + j]! + w3 * fine[r3 + j]!;
            sum += e < 0 ? 0 : e > MAX_ENERGY ? MAX_ENERGY : e;
          }
          sums[column] = sums[column]! + sum;
        }
      }
      for (let column = 0; column < options.nTime; column++) {
        data[row * options.nTime + column] = Math.round(sums[column]! * scale);
      }
    }
    return { nFrequency: options.nFrequency, nTime: options.nTime, data };
  };
}
