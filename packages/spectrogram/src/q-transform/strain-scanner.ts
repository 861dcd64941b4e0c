import { SpectrogramError } from '../errors.js';
import { type GridShape, WINDOWS_SEC } from '../grid.js';
import { createExcessCollector } from './excess.js';
import { isPowerOfTwo } from './fft.js';
import { createQScanner, energyOfSnr, type QScan } from './scanner.js';
import { clusterTiles, type TileCluster, withoutNeighbours } from './tile-clusters.js';
import { createWhitener, WHITENING_EDGE_SEC } from './whitening.js';

/** Length of what one Fourier transform takes: the longest window and room for the widest tiles. */
const STRETCH_SEC = 8;
/** Tiles so near the ends of a stretch wrap round. */
const STRETCH_EDGE_SEC = 1;
const SEARCH_SEC = 0.5;

export const SAMPLE_RATES_HZ = { lowest: 1024, highest: 65536 } as const;

/** Finite strain without a gap, whitened as one. */
export interface WhitenedBlock {
  readonly samples: Float64Array;
  readonly durationSec: number;
}

export interface StrainScan extends QScan {
  /** Peaks' times count from the start of the block. */
  readonly stretchStartSec: number;
  /** Windows that reach beyond what is whitened. */
  readonly leftOutSec: readonly number[];
}

export interface SearchOptions {
  /** Peaks from here … */
  readonly fromSec: number;
  /** … to before here, seconds from the start of the block. */
  readonly toSec: number;
  readonly minSnr: number;
}

/** Scans and searches strain of one sample rate. Keep one per thread: it owns its buffers. */
export interface StrainScanner {
  /** @throws SpectrogramError bad_scan; at least 12 s. */
  whiten(strain: Float64Array): WhitenedBlock;
  /**
   * The omega scan at a time of a block, all windows from one Fourier transform of the
   * 8 s around it. The windows are centred on that time; the plane is chosen by the
   * loudest tile within 0.25 s of it.
   *
   * @throws SpectrogramError bad_scan where not even the shortest window fits.
   */
  scan(block: WhitenedBlock, timeSec: number, windowsSec?: readonly number[]): StrainScan;
  /** Transients of a block, earliest first. The first and last 2 s are not searched. */
  search(block: WhitenedBlock, options: SearchOptions): TileCluster[];
}

/** @throws SpectrogramError bad_scan for a rate that is no power of two from 1024 to 65536 Hz. */
export function createStrainScanner(
  sampleRateHz: number,
  { gridShape }: { readonly gridShape?: GridShape } = {},
): StrainScanner {
  const { lowest, highest } = SAMPLE_RATES_HZ;
  if (!isPowerOfTwo(sampleRateHz) || sampleRateHz < lowest || sampleRateHz > highest) {
    throw new SpectrogramError(
      'bad_scan',
      `sample rate: expected a power of two from ${lowest} to ${highest} Hz, found ${sampleRateHz}`,
    );
  }
  const scanner = createQScanner({
    sampleRateHz,
    durationSec: STRETCH_SEC,
    searchSec: SEARCH_SEC,
    ...(gridShape === undefined ? {} : { gridShape }),
  });
  const whiten = createWhitener(sampleRateHz);
  const stretchOf = ({ samples }: WhitenedBlock, startSec: number): Float64Array => {
    const first = Math.round(startSec * sampleRateHz);
    return samples.subarray(first, first + STRETCH_SEC * sampleRateHz);
  };

  return {
    whiten(strain) {
      const { samples } = whiten(strain);
      return { samples, durationSec: strain.length / sampleRateHz };
    },
    scan(block, timeSec, windowsSec = WINDOWS_SEC) {
      const clean = cleanPart(block);
      const fits = (windowSec: number): boolean =>
        timeSec - windowSec / 2 >= clean.fromSec && timeSec + windowSec / 2 <= clean.toSec;
      const drawn = windowsSec.filter(fits);
      if (drawn.length === 0) {
        throw new SpectrogramError(
          'bad_scan',
          `time: expected strain from ${(clean.fromSec - timeSec).toFixed(3)} s or earlier to ${Math.min(...windowsSec) / 2} s or later around the trigger, found too little`,
        );
      }
      const wanted = Math.round(timeSec * sampleRateHz) / sampleRateHz - STRETCH_SEC / 2;
      const stretchStartSec = Math.min(Math.max(wanted, clean.fromSec), clean.toSec - STRETCH_SEC);
      const found = scanner.scan(stretchOf(block, stretchStartSec), {
        centreSec: timeSec - stretchStartSec,
        centreOn: 'given',
        windowsSec: drawn,
      });
      const shifted = <Peak extends { readonly timeSec: number }>(peak: Peak): Peak => ({
        ...peak,
        timeSec: peak.timeSec + stretchStartSec,
      });
      return {
        ...found,
        peak: shifted(found.peak),
        planePeaks: found.planePeaks.map(shifted),
        stretchStartSec,
        leftOutSec: windowsSec.filter((windowSec) => !fits(windowSec)),
      };
    },
    search(block, { fromSec, toSec, minSnr }) {
      const clean = cleanPart(block);
      const excess = createExcessCollector(energyOfSnr(minSnr));
      // What begins before or ends after the asked part is seen whole, and owned by its peak.
      const low = Math.max(clean.fromSec + STRETCH_EDGE_SEC, fromSec - STRETCH_EDGE_SEC);
      const high = Math.min(clean.toSec - STRETCH_EDGE_SEC, toSec + STRETCH_EDGE_SEC);
      const usable = STRETCH_SEC - 2 * STRETCH_EDGE_SEC;
      for (let from = low; from < high; from += usable) {
        const startSec = Math.min(from - STRETCH_EDGE_SEC, clean.toSec - STRETCH_SEC);
        excess.add({
          planes: scanner.planes(stretchOf(block, startSec)),
          nSamples: STRETCH_SEC * sampleRateHz,
          startSec,
          durationSec: STRETCH_SEC,
          fromSec: from - startSec,
          toSec: Math.min(from + usable, high) - startSec,
        });
      }
      const isAsked = ({ timeSec }: TileCluster): boolean => timeSec >= fromSec && timeSec < toSec;
      return withoutNeighbours(clusterTiles(excess.finish()), SEARCH_SEC / 2)
        .filter(isAsked)
        .sort((a, b) => a.timeSec - b.timeSec);
    },
  };
}

function cleanPart({ durationSec }: WhitenedBlock) {
  return { fromSec: WHITENING_EDGE_SEC, toSec: durationSec - WHITENING_EDGE_SEC };
}
