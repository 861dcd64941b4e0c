import { describe, expect, it } from 'vitest';
import { bandText, greatestTile } from './tile-place.js';

const window = (windowSec: number, importances: readonly number[]) => ({
  windowSec,
  rows: 2,
  columns: 2,
  importances,
});

describe('where a tile lies', () => {
  it('is said by its edges, the highest frequency in row 0', () => {
    expect(bandText(window(1, []), 0)).toBe('143 to 2048 Hz, \u22120.5 to 0 s');
    expect(bandText(window(4, []), 3)).toBe('10 to 143 Hz, 0 to 2 s');
  });
});

describe('greatestTile', () => {
  it('looks over all windows', () => {
    const windows = [window(1, [0.1, 0, 0, -1]), window(2, [0, 0, 0.2, 0])];
    expect(greatestTile(windows)).toEqual({ window: windows[1], tile: 2, importance: 0.2 });
  });

  it('finds none where nothing does anything', () => {
    expect(greatestTile([window(1, [0, -0.1, 0, 0])]).window).toBeUndefined();
  });
});
