import type { HiddenTile } from './glitch-input.js';

type Tile = Omit<HiddenTile, 'slot'>;

/** A band is quiet enough to lend its background where its quietest tile is no louder than this times the usual tile. */
const QUIET = 1.5;

/**
 * A copy of a grid in which a tile shows background: the quietest tile of its own band,
 * so that the texture, which changes with frequency, stays what it was. An even patch
 * would do worse, because a network takes notice of it wherever it lies. Where the whole
 * band is loud, as on a line, the quietest tile of the grid stands in.
 */
export function hideTile(data: Uint8Array, nTime: number, tile: Tile): Uint8Array {
  // Not `slice`: of a Buffer, which is what unpacking gives, that is a view.
  const shown = Uint8Array.from(data);
  const background = backgroundFor(data, nTime, tile);
  for (let row = 0; row < tile.height; row++) {
    const from = (background.top + row) * nTime + background.left;
    shown.set(data.subarray(from, from + tile.width), (tile.top + row) * nTime + tile.left);
  }
  return shown;
}

function backgroundFor(data: Uint8Array, nTime: number, tile: Tile): Tile {
  const { top, height, width } = tile;
  const nFrequency = data.length / nTime;
  const all: { readonly tile: Tile; readonly level: number }[] = [];
  // Bands of this height, of which the tile's own is one.
  for (let at = top % height; at + height <= nFrequency; at += height) {
    for (let left = 0; left + width <= nTime; left += width) {
      const candidate = { top: at, left, height, width };
      all.push({ tile: candidate, level: meanLevel(data, nTime, candidate) });
    }
  }
  all.sort((a, b) => a.level - b.level);
  const usual = all[all.length >> 1]?.level ?? 0;
  const ofBand = all.find((candidate) => candidate.tile.top === top);
  const quietest = ofBand !== undefined && ofBand.level <= QUIET * usual ? ofBand : all[0];
  return quietest?.tile ?? tile;
}

function meanLevel(data: Uint8Array, nTime: number, { top, left, height, width }: Tile): number {
  let sum = 0;
  for (let row = top; row < top + height; row++) {
    for (let i = row * nTime + left; i < row * nTime + left + width; i++) sum += data[i]!;
  }
  return sum / (height * width);
}
