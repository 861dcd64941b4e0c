import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import { frequencyAtRow, rowAtFrequency, type SpectrogramGrid } from './grid.js';
import { boxResample, toMessageGrid } from './resample.js';

function check(
  source: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): void {
  const grid = {
    nFrequency: source.length,
    nTime: source[0]!.length,
    data: Uint8Array.from(source.flat()),
  };
  const out = boxResample(grid, { nFrequency: expected.length, nTime: expected[0]!.length });
  expect([...out.data]).toEqual(expected.flat());
}

describe('boxResample', () => {
  test('takes the mean of whole cells', () => {
    check(
      [
        [0, 10, 20, 30],
        [20, 30, 40, 50],
      ],
      [[15, 35]],
    );
  });

  test('shares a cell that an edge cuts', () => {
    // Three columns into two: each box is one cell and half the middle one.
    check([[0, 90, 30]], [[30, 50]]);
    check([[0], [90], [30]], [[30], [50]]);
  });

  test('repeats cells when it grows', () => {
    check([[1, 9]], [[1, 1, 9, 9]]);
  });

  test('keeps the mean, and every value within the range of the source', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, fc.nat(), (n, m, p, q, seed) => {
        const grid = burstGrid(n, m, seed);
        const out = boxResample(grid, { nFrequency: p, nTime: q });
        expect(Math.min(...out.data)).toBeGreaterThanOrEqual(Math.min(...grid.data));
        expect(Math.max(...out.data)).toBeLessThanOrEqual(Math.max(...grid.data));
        expect(Math.abs(mean(out) - mean(grid))).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test('a message grid stays the same object', () => {
    const grid = burstGrid(128, 128);
    expect(toMessageGrid(grid)).toBe(grid);
  });

  test('a line keeps its frequency whatever range the source was drawn over', () => {
    for (const frequencyHz of [16, 60, 180, 500, 1080, 1400]) {
      const source = {
        ...burstGrid(480, 20),
        frequencyRangeHz: { low: 10.9, high: 1889 },
      };
      source.data.fill(0);
      const row = Math.floor(rowAtFrequency(frequencyHz, source));
      source.data.fill(255, (row - 1) * 20, (row + 2) * 20);
      const grid = toMessageGrid(source);
      expect(grid.frequencyRangeHz).toBeUndefined();
      const profile = Array.from({ length: 128 }, (_, y) => grid.data[y * 128]!);
      const total = profile.reduce((sum, v) => sum + v, 0);
      const centre = profile.reduce((sum, v, y) => sum + v * (y + 0.5), 0) / total;
      expect(frequencyAtRow(centre, grid) / frequencyHz).toBeCloseTo(1, 1.7);
    }
  });

  test('rows that the source does not reach repeat its nearest row', () => {
    const source = { ...burstGrid(480, 128), frequencyRangeHz: { low: 20, high: 1024 } };
    source.data.fill(7, 0, 128);
    source.data.fill(9, 479 * 128);
    const grid = toMessageGrid(source);
    expect(grid.data[0]).toBe(7);
    expect(grid.data[127 * 128]).toBe(9);
  });

  test('refuses grids whose data does not fill them', () => {
    const bad = { nFrequency: 4, nTime: 4, data: new Uint8Array(15) };
    expect(() => toMessageGrid(bad)).toThrow(expect.objectContaining({ code: 'bad_grid' }));
  });
});

function mean(grid: SpectrogramGrid): number {
  return grid.data.reduce((sum, value) => sum + value, 0) / grid.data.length;
}
