import type { RealSpectrum, Twiddles } from './fft.js';
import { bitReversal, createTwiddles, inverseFromBitReversed, isPowerOfTwo } from './fft.js';

/**
 * Real samples of a spectrum's bins 0 ... n/2, with the 1/n: the inverse of
 * `createRealFft`, by one complex transform of half the length. The returned
 * samples are reused by the next call.
 */
export function createInverseRealFft(
  n: number,
  twiddles: Twiddles = createTwiddles(n),
): (spectrum: RealSpectrum) => Float64Array {
  if (!isPowerOfTwo(n) || n < 4) {
    throw new RangeError(`FFT length must be a power of two of at least 4, found ${n}`);
  }
  const half = n / 2;
  const reversed = bitReversal(half);
  const zr = new Float64Array(half);
  const zi = new Float64Array(half);
  const samples = new Float64Array(n);
  return ({ re, im }) => {
    for (let k = 0; k < half; k++) {
      const p = half - k;
      // Spectra of the even and of the odd samples; the odd ones turned back by half a step.
      const er = re[k]! + re[p]!;
      const ei = im[k]! - im[p]!;
      const dr = re[k]! - re[p]!;
      const di = im[k]! + im[p]!;
      const c = twiddles.cos[half + k]!;
      const s = twiddles.sin[half + k]!;
      const or = dr * c - di * s;
      const oi = dr * s + di * c;
      const at = reversed[k]!;
      zr[at] = er - oi;
      zi[at] = ei + or;
    }
    inverseFromBitReversed(zr, zi, half, twiddles);
    for (let j = 0; j < half; j++) {
      samples[2 * j] = zr[j]! / n;
      samples[2 * j + 1] = zi[j]! / n;
    }
    return samples;
  };
}
