import { describe, expect, it } from 'vitest';
import { bitReversal, createRealFft, createTwiddles, inverseFromBitReversed } from './fft.js';

/** A fixed, irregular series. */
function series(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.37) + 0.1 * (i % 7));
}

describe('createRealFft', () => {
  it.each([4, 8, 64, 128])('agrees with the defining sum for %i samples', (n) => {
    const x = series(n);
    const { re, im } = createRealFft(n)(x);
    for (let k = 0; k <= n / 2; k++) {
      let sumRe = 0;
      let sumIm = 0;
      for (let j = 0; j < n; j++) {
        sumRe += x[j]! * Math.cos((2 * Math.PI * j * k) / n);
        sumIm -= x[j]! * Math.sin((2 * Math.PI * j * k) / n);
      }
      expect(re[k]).toBeCloseTo(sumRe, 9);
      expect(im[k]).toBeCloseTo(sumIm, 9);
    }
  });

  it.each([0, 3, 12, 2])('refuses %i samples', (n) => {
    expect(() => createRealFft(n)).toThrow(/power of two/);
  });
});

describe('inverseFromBitReversed', () => {
  it.each([2, 4, 32, 64])('agrees with the defining sum for %i bins', (n) => {
    const bins = series(2 * n);
    const re = new Float64Array(n);
    const im = new Float64Array(n);
    const at = bitReversal(n);
    for (let k = 0; k < n; k++) {
      re[at[k]!] = bins[k]!;
      im[at[k]!] = bins[n + k]!;
    }
    // A table for longer transforms serves shorter ones.
    inverseFromBitReversed(re, im, n, createTwiddles(4 * n));
    for (let j = 0; j < n; j++) {
      let sumRe = 0;
      let sumIm = 0;
      for (let k = 0; k < n; k++) {
        const c = Math.cos((2 * Math.PI * j * k) / n);
        const s = Math.sin((2 * Math.PI * j * k) / n);
        sumRe += bins[k]! * c - bins[n + k]! * s;
        sumIm += bins[k]! * s + bins[n + k]! * c;
      }
      expect(re[j]).toBeCloseTo(sumRe, 9);
      expect(im[j]).toBeCloseTo(sumIm, 9);
    }
  });
});
