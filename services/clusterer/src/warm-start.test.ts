import { knnExact } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { warmLayout } from './warm-start.js';

/** Two groups on a line, ten rows each; their places on the map lie far apart. */
const data = Float32Array.from({ length: 20 }, (_, i) => (i < 10 ? i : 100 + i));
const knn = knnExact({ rows: 20, cols: 1, data }, { k: 4, metric: 'euclidean' });
const placeOf = (row: number): [number, number] => (row < 10 ? [0, row] : [9, row - 10]);

function placesWithout(...unknown: number[]): Float32Array {
  const rows = Array.from({ length: 20 }, (_, row) => row);
  return Float32Array.from(
    rows.flatMap((row) => (unknown.includes(row) ? [Number.NaN, Number.NaN] : placeOf(row))),
  );
}

describe('warmLayout', () => {
  it('leaves known rows where they were and puts new ones amid their neighbours', () => {
    const layout = warmLayout(placesWithout(4, 15), knn);
    for (let row = 0; row < 20; row++) {
      const [x, y] = placeOf(row);
      expect(layout?.[2 * row]).toBeCloseTo(x, 1);
      expect(Math.abs(layout![2 * row + 1]! - y)).toBeLessThan(row === 4 || row === 15 ? 1 : 1e-6);
    }
  });

  it('places new rows whose neighbours are new too', () => {
    const layout = warmLayout(placesWithout(0, 1, 2, 3), knn);
    expect(layout?.every(Number.isFinite)).toBe(true);
    for (const row of [0, 1, 2, 3]) expect(layout![2 * row]).toBeLessThan(1);
  });

  it('begins in the middle of the map where no neighbour was on it, no two at one place', () => {
    const group = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
    const layout = warmLayout(placesWithout(...group), knn)!;
    const places = group.map((row) => `${layout[2 * row]} ${layout[2 * row + 1]}`);
    expect(new Set(places).size).toBe(10);
    for (const row of group) expect(layout[2 * row + 1]).toBeCloseTo(4.5, 1);
  });

  it('is no start where most rows are new', () => {
    const group = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(warmLayout(placesWithout(...group), knn)).toBeUndefined();
    expect(warmLayout(new Float32Array(40).fill(Number.NaN), knn)).toBeUndefined();
  });
});
