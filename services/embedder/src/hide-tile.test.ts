import { describe, expect, it } from 'vitest';
import { hideTile } from './hide-tile.js';

/** Rows of 6 columns; tiles are 1 x 2. */
const gridOf = (...rows: number[][]) => Buffer.from(rows.flat());
const tile = (top: number, left: number) => ({ top, left, height: 1, width: 2 });

describe('hideTile', () => {
  it('puts the quietest tile of the same band in its place and leaves the grid as it was', () => {
    const grid = gridOf([9, 8, 200, 201, 5, 6], [1, 1, 2, 2, 9, 9]);
    const before = [...grid];
    const shown = hideTile(grid, 6, tile(0, 2));
    expect([...shown]).toEqual([9, 8, 5, 6, 5, 6, 1, 1, 2, 2, 9, 9]);
    expect([...grid]).toEqual(before);
  });

  it('takes the quietest tile of all where the whole band is loud', () => {
    const grid = gridOf([200, 210, 200, 201, 205, 206], [3, 4, 5, 5, 9, 9], [5, 5, 5, 6, 7, 7]);
    expect([...hideTile(grid, 6, tile(0, 0)).subarray(0, 6)]).toEqual([3, 4, 200, 201, 205, 206]);
  });

  it('changes nothing where the tile is the quietest of its band', () => {
    const grid = gridOf([1, 1, 9, 9, 9, 9], [5, 5, 5, 5, 5, 5]);
    expect([...hideTile(grid, 6, tile(0, 0))]).toEqual([...grid]);
  });
});
