import { extentOf, type Tile } from './excess.js';
import { snrOfEnergy } from './scanner.js';

/** A transient: what neighbouring tiles have in common. Times count from the start of the block. */
export interface TileCluster {
  /** Of the loudest tile. */
  readonly timeSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  readonly snr: number;
  /** Over all its tiles. */
  readonly startSec: number;
  readonly endSec: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly nTiles: number;
}

/** Tiles nearer than this in time belong together, as Omicron clusters its own. */
const GAP_SEC = 0.1;
const BIN_SEC = 1 / 40;
const GAP_BINS = Math.round(GAP_SEC / BIN_SEC);
/** Tiles further apart in frequency are different transients. */
const BINS_PER_OCTAVE = 2;
const LOWEST_HZ = 8;

/**
 * Groups tiles that touch in time and frequency: their effective extents are laid
 * on cells of 25 ms x half an octave, and cells that are filled within 0.1 s and
 * one cell of frequency of one another are one transient. Loudest first.
 */
export function clusterTiles(tiles: readonly Tile[]): TileCluster[] {
  const cells = new Map<number, number>();
  const parents: number[] = [];
  const root = (i: number): number => {
    let at = i;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  };
  for (const tile of tiles) {
    const { durationSec, bandwidthHz } = extentOf(tile);
    const [t0, t1] = [tile.timeSec - durationSec / 2, tile.timeSec + durationSec / 2].map(timeBin);
    const [f0, f1] = [tile.frequencyHz - bandwidthHz / 2, tile.frequencyHz + bandwidthHz / 2].map(
      frequencyBin,
    );
    for (let t = t0!; t <= t1!; t++) {
      for (let f = f0!; f <= f1!; f++) {
        const key = cellKey(t, f);
        if (cells.has(key)) continue;
        cells.set(key, parents.length);
        parents.push(parents.length);
      }
    }
  }
  for (const [key, i] of cells) {
    const { t, f } = cellOf(key);
    for (let dt = 0; dt <= GAP_BINS; dt++) {
      for (let df = -1; df <= 1; df++) {
        const j = cells.get(cellKey(t + dt, f + df));
        if (j !== undefined) parents[root(j)] = root(i);
      }
    }
  }
  const groups = new Map<number, Tile[]>();
  for (const tile of tiles) {
    const cell = cells.get(cellKey(timeBin(tile.timeSec), frequencyBin(tile.frequencyHz)))!;
    const group = groups.get(root(cell));
    if (group === undefined) groups.set(root(cell), [tile]);
    else group.push(tile);
  }
  return [...groups.values()].map(summaryOf).sort((a, b) => b.snr - a.snr || a.timeSec - b.timeSec);
}

function summaryOf(tiles: readonly Tile[]): TileCluster {
  let loudest = tiles[0]!;
  let [startSec, endSec, lowHz, highHz] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const tile of tiles) {
    if (tile.energy > loudest.energy) loudest = tile;
    const { durationSec, bandwidthHz } = extentOf(tile);
    startSec = Math.min(startSec, tile.timeSec - durationSec / 2);
    endSec = Math.max(endSec, tile.timeSec + durationSec / 2);
    lowHz = Math.min(lowHz, tile.frequencyHz - bandwidthHz / 2);
    highHz = Math.max(highHz, tile.frequencyHz + bandwidthHz / 2);
  }
  const { timeSec, frequencyHz, q, energy } = loudest;
  const extent = { startSec, endSec, lowHz: Math.max(0, lowHz), highHz };
  return { timeSec, frequencyHz, q, snr: snrOfEnergy(energy), ...extent, nTiles: tiles.length };
}

/**
 * Leaves out what is quieter than a neighbour and so near that the same picture
 * would be drawn of both: the scan looks for the loudest tile within so long.
 */
export function withoutNeighbours(
  loudestFirst: readonly TileCluster[],
  nearSec: number,
): TileCluster[] {
  const kept: TileCluster[] = [];
  for (const cluster of loudestFirst) {
    const isNear = kept.some(({ timeSec }) => Math.abs(timeSec - cluster.timeSec) <= nearSec);
    if (!isNear) kept.push(cluster);
  }
  return kept;
}

const timeBin = (sec: number): number => Math.floor(sec / BIN_SEC);

function frequencyBin(hz: number): number {
  return Math.floor(BINS_PER_OCTAVE * Math.log2(Math.max(hz, LOWEST_HZ) / LOWEST_HZ));
}

const FREQUENCY_BINS = 64;
/** One bin of room on either side, so that a neighbour's key is never another time's. */
const cellKey = (t: number, f: number): number => t * FREQUENCY_BINS + f + 1;
const cellOf = (key: number) => {
  const t = Math.floor(key / FREQUENCY_BINS);
  return { t, f: key - t * FREQUENCY_BINS - 1 };
};
