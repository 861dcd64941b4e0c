import { describe, expect, it } from 'vitest';
import { createTwiddles, inverseFromBitReversed } from './fft.js';
import { createRowTransform } from './row-transform.js';

describe('createRowTransform', () => {
  it('gives what its twin gives, to the last bit, at every length', () => {
    const longest = 4096;
    const kernel = createRowTransform(longest);
    const twiddles = createTwiddles(longest);
    for (let n = 1; n <= longest; n *= 2) {
      const re = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.37 + n));
      const im = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : Math.cos(i * 1.7)));
      kernel.re.set(re);
      kernel.im.set(im);
      kernel.inverse(n);
      inverseFromBitReversed(re, im, n, twiddles);
      expect(kernel.re.subarray(0, n)).toEqual(re);
      expect(kernel.im.subarray(0, n)).toEqual(im);
    }
  });
});
