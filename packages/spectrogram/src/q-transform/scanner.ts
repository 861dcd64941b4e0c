import { SpectrogramError } from '../errors.js';
import {
  FREQUENCY_RANGE_HZ,
  type GridShape,
  MESSAGE_GRID,
  type SpectrogramGrid,
  WINDOWS_SEC,
} from '../grid.js';
import { createRealFft, createTwiddles, isPowerOfTwo } from './fft.js';
import { createPlane, createScratch, type PlaneEnergies, type RowMedians } from './plane.js';
import { tilePlanes } from './tiling.js';
import { createWindowGridMaker } from './window-grid.js';

export interface QScannerOptions {
  readonly sampleRateHz: number;
  /** sampleRateHz x durationSec must be a power of two. */
  readonly durationSec: number;
  /** Default 4 ... 64. */
  readonly qRange?: readonly [number, number];
  /** Default 0.2. */
  readonly mismatch?: number;
  /** Length of the stretch around the centre where the peak is looked for; default 0.5 s. */
  readonly searchSec?: number;
  /** Default 0.5, 1, 2, 4 s. */
  readonly windowsSec?: readonly number[];
  /** Default the shape of message grids; a finer one is for figures. */
  readonly gridShape?: GridShape;
}

/** The loudest tile of a plane inside the search stretch. */
export interface QPeak {
  readonly q: number;
  /** Seconds from the first sample. */
  readonly timeSec: number;
  readonly frequencyHz: number;
  /** Energy over the row's median. */
  readonly energy: number;
  /** sqrt(2 (E / mean - 1)) with mean = median / ln 2, as for exponential noise (Omicron's). */
  readonly snr: number;
}

export interface QScan {
  /** Of the chosen plane, the loudest of all. */
  readonly peak: QPeak;
  readonly planePeaks: readonly QPeak[];
  /** The chosen plane; the next scan overwrites it. */
  readonly plane: PlaneEnergies;
  readonly grids: readonly { readonly windowSec: number; readonly grid: SpectrogramGrid }[];
}

export interface QScanPlace {
  /** Middle of the search stretch, seconds from the first sample; default the middle of the data. */
  readonly centreSec?: number;
  /** What the windows are centred at: the peak found (default) or `centreSec`, a trigger's time. */
  readonly centreOn?: 'peak' | 'given';
  /** Windows to draw instead of the scanner's. */
  readonly windowsSec?: readonly number[];
  /** What energies are divided by; default the median of each row's own tiles. */
  readonly medians?: RowMedians;
  /** Rank by loudness of the plane that is drawn; default 0, the loudest. */
  readonly planeRank?: number;
}

export interface QScanner {
  /**
   * Scans whitened strain of any scale. The data are taken as periodic: give
   * the longest window plus `searchSec` to keep the ends from wrapping round.
   */
  scan(whitened: Float32Array | Float64Array, place?: QScanPlace): QScan;
  /** All planes, lowest Q first; the next call or scan overwrites them. */
  planes(whitened: Float32Array | Float64Array): readonly PlaneEnergies[];
}

/**
 * Omega scan: multi-Q planes of one stretch of whitened strain, energies
 * normalised by each row's median, the plane with the loudest tile drawn as
 * message grids. One Fourier transform serves all planes and windows; the
 * buffers belong to the scanner, so keep one per thread and reuse it.
 *
 * Tiles, windows and normalisation follow GWpy's `q_scan` (Chatterji et al.
 * 2004) and its peak tile is reproduced; the drawn grids interpolate locally
 * (Catmull-Rom) where GWpy fits splines, so they are alike but not equal.
 *
 * @throws SpectrogramError bad_scan for a length that is no power of two, a negative rate, or
 * data of another length than announced.
 */
export function createQScanner(options: QScannerOptions): QScanner {
  const { sampleRateHz, durationSec } = options;
  const nSamples = sampleRateHz * durationSec;
  if (!(sampleRateHz > 0) || !isPowerOfTwo(nSamples)) {
    throw new SpectrogramError(
      'bad_scan',
      `sampleRateHz x durationSec must be a power of two, found ${sampleRateHz} x ${durationSec}`,
    );
  }
  const searchSec = options.searchSec ?? 0.5;
  const windowsSec = options.windowsSec ?? WINDOWS_SEC;
  const tilings = tilePlanes({
    durationSec,
    sampleRateHz,
    qRange: options.qRange ?? [4, 64],
    frequencyRangeHz: [FREQUENCY_RANGE_HZ.low, FREQUENCY_RANGE_HZ.high],
    mismatch: options.mismatch ?? 0.2,
  });
  const maxTiles = Math.max(...tilings.flatMap((t) => t.rows.map((row) => row.nTiles)));
  const twiddles = createTwiddles(nSamples);
  const scratch = createScratch(maxTiles);
  const transform = createRealFft(nSamples, twiddles);
  const planes = tilings.map((tiling) => createPlane(tiling, { durationSec, nSamples }, scratch));
  const drawWindow = createWindowGridMaker(durationSec, {
    ...(options.gridShape ?? MESSAGE_GRID),
    lowHz: FREQUENCY_RANGE_HZ.low,
    highHz: FREQUENCY_RANGE_HZ.high,
  });

  const planesOf = (
    whitened: Float32Array | Float64Array,
    medians: RowMedians = 'of the data',
  ): readonly PlaneEnergies[] => {
    if (whitened.length !== nSamples) {
      throw new SpectrogramError(
        'bad_scan',
        `strain: expected ${nSamples} samples, found ${whitened.length}`,
      );
    }
    const spectrum = transform(whitened);
    return planes.map((compute) => compute(spectrum, medians));
  };

  return {
    planes: planesOf,
    scan(whitened, place = {}) {
      const centreSec = place.centreSec ?? durationSec / 2;
      const results = planesOf(whitened, place.medians ?? 'of the data');
      const planePeaks = results.map((plane) =>
        loudestTile(plane, durationSec, centreSec - searchSec / 2, centreSec + searchSec / 2),
      );
      const byLoudness = planePeaks
        .map((_, p) => p)
        .sort((a, b) => planePeaks[b]!.energy - planePeaks[a]!.energy);
      const peak = planePeaks[byLoudness[0]!]!;
      const chosen = byLoudness[Math.min(place.planeRank ?? 0, byLoudness.length - 1)]!;
      if (!(peak.energy >= 0)) {
        throw new SpectrogramError(
          'bad_scan',
          `strain has no finite energy within ${searchSec / 2} s of ${centreSec} s`,
        );
      }
      const middleSec = place.centreOn === 'given' ? centreSec : peak.timeSec;
      const plane = results[chosen]!;
      const drawn = place.windowsSec ?? windowsSec;
      const grids = drawn.map((windowSec) => ({
        windowSec,
        grid: drawWindow(plane, middleSec, windowSec),
      }));
      return { peak, planePeaks, plane, grids };
    },
  };
}

function loudestTile(
  plane: PlaneEnergies,
  durationSec: number,
  fromSec: number,
  toSec: number,
): QPeak {
  const { tiling, energies, offsets } = plane;
  let energy = -1;
  let frequencyHz = Number.NaN;
  let timeSec = Number.NaN;
  for (let r = 0; r < tiling.rows.length; r++) {
    const n = tiling.rows[r]!.nTiles;
    // Both ends floored, as GWpy crops.
    const first = Math.max(0, Math.floor((fromSec * n) / durationSec));
    const last = Math.min(n, Math.floor((toSec * n) / durationSec));
    for (let j = first; j < last; j++) {
      const e = energies[offsets[r]! + j]!;
      if (e > energy) {
        energy = e;
        frequencyHz = tiling.rows[r]!.frequencyHz;
        timeSec = (j * durationSec) / n;
      }
    }
  }
  return { q: tiling.q, timeSec, frequencyHz, energy, snr: snrOfEnergy(energy) };
}

/** Omicron's signal-to-noise ratio of an energy over its row's median. */
export function snrOfEnergy(energy: number): number {
  return Math.sqrt(Math.max(0, 2 * (energy * Math.LN2 - 1)));
}

/** Inverse of `snrOfEnergy`. */
export function energyOfSnr(snr: number): number {
  return (snr ** 2 / 2 + 1) / Math.LN2;
}
