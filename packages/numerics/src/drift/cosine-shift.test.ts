import { describe, expect, it } from 'vitest';
import { cosineShift } from './cosine-shift.js';

describe('cosineShift', () => {
  it('by hand', () => {
    const before = [
      [1, 0],
      [0, 2],
      [1, 1],
    ];
    const after = [
      [3, 0],
      [1, 0],
      [-1, -1],
    ];
    expect(cosineShift(before, after)).toEqual({ max: 2, mean: 1 });
    expect(cosineShift([[0.1, 0.7, 0.3]], [[0.1, 0.7, 0.3]])).toEqual({ max: 0, mean: 0 });
  });

  it('counts rows of another space as unrelated', () => {
    expect(cosineShift([[1, 0]], [[1, 0, 0]])).toEqual({ max: 1, mean: 1 });
    expect(cosineShift([[0, 0]], [[1, 0]]).max).toBe(1);
    expect(() => cosineShift([[1]], [])).toThrow(/expected 1 rows as in before, found 0/);
    expect(() => cosineShift([], [])).toThrow(/expected some rows/);
  });
});
