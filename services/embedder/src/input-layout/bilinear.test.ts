import { describe, expect, it } from 'vitest';
import { axisSamples } from './bilinear.js';

function resample(values: number[], to: number): number[] {
  const { low, high, weight } = axisSamples(values.length, to);
  return Array.from({ length: to }, (_, i) => {
    const a = values[low[i]!]!;
    return a + (values[high[i]!]! - a) * weight[i]!;
  });
}

describe('axisSamples', () => {
  it('leaves equal sizes alone', () => expect(resample([3, 1, 4], 3)).toEqual([3, 1, 4]));
  // As PIL's Image.resize((4, 1), BILINEAR) of a two-pixel picture.
  it('doubles with pixel centres', () => expect(resample([0, 100], 4)).toEqual([0, 25, 75, 100]));
  it('repeats the edge', () => expect(resample([7], 3)).toEqual([7, 7, 7]));
});
