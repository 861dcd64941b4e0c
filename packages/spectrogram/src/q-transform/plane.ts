import { bitReversal, type RealSpectrum } from './fft.js';
import { createMedianFinder, type MedianFinder } from './median.js';
import { createRowTransform, type RowTransform } from './row-transform.js';
import type { QPlaneTiling } from './tiling.js';

/** Energies of a plane, each row divided by its median; buffers are reused. */
export interface PlaneEnergies {
  readonly tiling: QPlaneTiling;
  /** Row r's tiles at offsets[r] ... offsets[r + 1]; tile j at j x duration / nTiles. */
  readonly energies: Float32Array;
  readonly offsets: Uint32Array;
  /** What each row was divided by; its scale is arbitrary but the same for every input. */
  readonly medians: Float64Array;
  /** Sum of the squares of each row's window: white noise of unit variance has the mean this x n. */
  readonly windowPowers: Float64Array;
}

/**
 * What a row is divided by: the median of its own tiles, or the median that
 * white noise of unit variance per sample would give them. The second does not
 * see a glitch that lasts as long as the data.
 */
export type RowMedians = 'of the data' | 'of white noise';

export interface Scratch {
  readonly transform: RowTransform;
  readonly median: MedianFinder;
}

export function createScratch(maxTiles: number): Scratch {
  return {
    transform: createRowTransform(maxTiles),
    median: createMedianFinder(maxTiles),
  };
}

/**
 * One Q plane: for every frequency row, the spectrum times the bisquare window
 * (1 - x^2)^2, x = df q' / f, q' = q / sqrt(11), transformed back to time
 * (Brown 1991, JASA 89, 425; Chatterji et al. 2004, eq. 9-11). The window's
 * normalisation cancels in the division by the row's median.
 */
export function createPlane(
  tiling: QPlaneTiling,
  { durationSec, nSamples }: { readonly durationSec: number; readonly nSamples: number },
  scratch: Scratch,
): (spectrum: RealSpectrum, medians: RowMedians) => PlaneEnergies {
  const qPrime = tiling.q / Math.sqrt(11);
  const offsets = new Uint32Array(tiling.rows.length + 1);
  const reversals = new Map<number, Uint32Array>();
  const windows = tiling.rows.map((row, r) => {
    offsets[r + 1] = offsets[r]! + row.nTiles;
    if (!reversals.has(row.nTiles)) {
      reversals.set(row.nTiles, bitReversal(row.nTiles));
    }
    return Float64Array.from({ length: 2 * row.halfWindowBins + 1 }, (_, i) => {
      const x = ((i - row.halfWindowBins) / durationSec) * (qPrime / row.frequencyHz);
      return (1 - x * x) ** 2;
    });
  });
  const energies = new Float32Array(offsets[tiling.rows.length]!);
  const medians = new Float64Array(tiling.rows.length);
  const windowPowers = Float64Array.from(windows, (window) =>
    window.reduce((sum, w) => sum + w * w, 0),
  );
  // |X|^2 has mean nSamples in every bin, and the energy is exponential.
  const whiteMedians = windowPowers.map((power) => Math.LN2 * nSamples * power);
  const result: PlaneEnergies = { tiling, energies, offsets, medians, windowPowers };
  const { transform, median } = scratch;
  const { re, im } = transform;

  return (spectrum, dividedBy) => {
    for (let r = 0; r < tiling.rows.length; r++) {
      const row = tiling.rows[r]!;
      const n = row.nTiles;
      const window = windows[r]!;
      const reversed = reversals.get(n)!;
      re.fill(0, 0, n);
      im.fill(0, 0, n);
      const half = row.halfWindowBins;
      for (let i = -half; i <= half; i++) {
        const bin = row.centreBin + i;
        const at = reversed[i & (n - 1)]!;
        const w = window[i + half]!;
        re[at] = spectrum.re[bin]! * w;
        im[at] = spectrum.im[bin]! * w;
      }
      transform.inverse(n);
      const offset = offsets[r]!;
      for (let j = 0; j < n; j++) {
        energies[offset + j] = re[j]! * re[j]! + im[j]! * im[j]!;
      }
      const middle = dividedBy === 'of the data' ? median(energies, offset, n) : whiteMedians[r]!;
      medians[r] = middle;
      const scale = middle > 0 ? 1 / middle : 0;
      for (let j = 0; j < n; j++) {
        energies[offset + j] = energies[offset + j]! * scale;
      }
    }
    return result;
  };
}
