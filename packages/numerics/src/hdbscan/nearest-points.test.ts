import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeighborLists } from '../knn/neighbor-lists.js';
import { squaredDistanceInOrder } from './core-distances.js';
import { NearestPoints } from './nearest-points.js';

/** Few values, so that many points are equal or equally near. */
const coarse = fc.integer({ min: -4, max: 4 }).map((value) => value / 2);
const fine = fc.double({ min: -1, max: 1, noNaN: true });

describe('NearestPoints', () => {
  it.each([
    ['with ties', coarse],
    ['without', fine],
  ])('finds what a look at all points finds, %s', (_, value) => {
    const cases = fc.record({
      cols: fc.integer({ min: 1, max: 3 }),
      values: fc.array(value, { minLength: 3, maxLength: 300 }),
      query: fc.array(value, { minLength: 3, maxLength: 3 }),
      k: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(cases, ({ cols, values, query, k }) => {
        const rows = Math.floor(values.length / cols);
        const data = Float64Array.from(values.slice(0, rows * cols));
        const asked = Float64Array.from(query.slice(0, cols));
        const all = new NeighborLists(1, k);
        for (let row = 0; row < rows; row++)
          all.offer(0, squaredDistanceInOrder(asked, 0, data, row, cols), row);
        const found = new NeighborLists(1, k);
        new NearestPoints({ rows, cols, data }).search(asked, found, 0);
        expect([...found.indices]).toEqual([...all.indices]);
        expect([...found.distances]).toEqual([...all.distances]);
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});
