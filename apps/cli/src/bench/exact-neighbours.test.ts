import { createRng, knnQuery } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { exactNeighbours } from './exact-neighbours.js';

describe('exactNeighbours', () => {
  it('finds the rows that knnQuery finds', () => {
    const rng = createRng(5);
    const [rows, cols, k] = [300, 7, 15];
    const data = Float32Array.from({ length: rows * cols }, () => rng.nextNormal());
    const points = { rows, cols, data };
    const queried = [0, 7, 299, 31, 32, 33, 34, 35, 36, 150];
    const found = exactNeighbours(points, queried, k);
    queried.forEach((row, q) => {
      const query = { rows: 1, cols, data: data.slice(row * cols, (row + 1) * cols) };
      const expected = knnQuery(points, query, { k, metric: 'cosine' }).indices;
      const sorted = (list: Int32Array): number[] => [...list].sort((a, b) => a - b);
      expect(sorted(found.slice(q * k, (q + 1) * k))).toEqual(sorted(expected));
    });
  });
});
