import type { PlaneEnergies } from './plane.js';

/** One tile that stands out of the noise. Times count from the start of the block. */
export interface Tile {
  readonly timeSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  /** Energy over the median of its row in the whole block. */
  readonly energy: number;
}

export interface TileExtent {
  readonly durationSec: number;
  readonly bandwidthHz: number;
}

/** Effective bandwidth 2 sqrt(pi) f / Q and its inverse (Robinet et al. 2020, SoftwareX 12, 100620). */
export function extentOf({ frequencyHz, q }: Tile): TileExtent {
  const bandwidthHz = (2 * Math.sqrt(Math.PI) * frequencyHz) / q;
  return { durationSec: 1 / bandwidthHz, bandwidthHz };
}

/** How far below white noise a row of well whitened strain may lie. */
const QUIET_ROW = 0.5;

/** One stretch of a block, as one transform takes it. */
export interface Stretch {
  readonly planes: readonly PlaneEnergies[];
  readonly nSamples: number;
  /** In the block. */
  readonly startSec: number;
  readonly durationSec: number;
  /** Tiles from here … */
  readonly fromSec: number;
  /** … to before here are taken, seconds from the stretch's start. */
  readonly toSec: number;
}

export interface ExcessCollector {
  add(stretch: Stretch): void;
  /** The tiles whose energy over the block's median is at least `threshold`. */
  finish(): Tile[];
}

interface Row {
  readonly medians: number[];
  readonly found: { readonly raw: number; readonly tile: Tile }[];
}

/**
 * Tiles of many stretches above a threshold. Each row is divided by the median over
 * the stretches of its medians, so that a glitch that fills a stretch is not measured
 * by itself, as it is in a single scan. Until that is known, tiles are kept by what
 * white noise would give the row, where this is less than the row's own median.
 */
export function createExcessCollector(threshold: number): ExcessCollector {
  const rows = new Map<string, Row>();

  return {
    add({ planes, nSamples, startSec, durationSec, fromSec, toSec }) {
      planes.forEach(({ tiling, energies, offsets, medians, windowPowers }, p) => {
        tiling.rows.forEach(({ frequencyHz, nTiles }, r) => {
          const key = `${p}/${r}`;
          const row = rows.get(key) ?? { medians: [], found: [] };
          rows.set(key, row);
          const own = medians[r]!;
          row.medians.push(own);
          const white = Math.LN2 * windowPowers[r]! * nSamples;
          const least = threshold * Math.min(1, (QUIET_ROW * white) / own);
          const offset = offsets[r]!;
          const last = Math.min(nTiles, Math.ceil((toSec * nTiles) / durationSec));
          for (let j = Math.ceil((fromSec * nTiles) / durationSec); j < last; j++) {
            const energy = energies[offset + j]!;
            if (energy < least) continue;
            const timeSec = startSec + (j * durationSec) / nTiles;
            row.found.push({
              raw: energy * own,
              tile: { timeSec, frequencyHz, q: tiling.q, energy },
            });
          }
        });
      });
    },
    finish: () =>
      [...rows.values()].flatMap(({ medians, found }) => {
        const sorted = Float64Array.from(medians).sort();
        // Of an even number the lower one: the louder half may be the glitch.
        const median = sorted[(sorted.length - 1) >> 1]!;
        return found.flatMap(({ raw, tile }) => {
          const energy = raw / median;
          return energy >= threshold ? [{ ...tile, energy }] : [];
        });
      }),
  };
}
