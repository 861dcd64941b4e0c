import { SpectrogramError } from '../errors.js';
import { createRealFft, isPowerOfTwo } from './fft.js';

/** Amplitude spectral density, one-sided: bins 0 ... Nyquist. */
export interface SpectralDensity {
  readonly binHz: number;
  /** Strain per square root of Hz. */
  readonly amplitude: Float64Array;
}

export interface WelchOptions {
  readonly sampleRateHz: number;
  /** Length of one segment; segments overlap by half. Default 4 s. */
  readonly segmentSec?: number;
}

export type SpectralDensityEstimator = (strain: Float64Array) => SpectralDensity;

/**
 * Median of Hann-windowed periodograms (Welch 1967), each less its mean, over
 * the median's bias (Allen et al. 2012, Phys. Rev. D 85, 122006, app. B): a loud glitch in a
 * few segments leaves it nearly as it was, which a mean would not. Agrees with
 * `scipy.signal.welch(average='median')`, which GWpy uses.
 *
 * Both throw SpectrogramError bad_scan: for a length that is no power of two, for strain
 * in which not one segment fits.
 */
export function createSpectralDensityEstimator(options: WelchOptions): SpectralDensityEstimator {
  const { sampleRateHz, segmentSec = 4 } = options;
  const n = sampleRateHz * segmentSec;
  if (!isPowerOfTwo(n)) {
    throw new SpectrogramError(
      'bad_scan',
      `sampleRateHz x segmentSec must be a power of two, found ${sampleRateHz} x ${segmentSec}`,
    );
  }
  const step = n / 2;
  const nBins = step + 1;
  const window = Float64Array.from(
    { length: n },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n),
  );
  const windowPower = window.reduce((sum, w) => sum + w * w, 0);
  const transform = createRealFft(n);
  const segment = new Float64Array(n);

  return (strain) => {
    const nSegments = Math.floor((strain.length - step) / step);
    if (nSegments < 1) {
      throw new SpectrogramError(
        'bad_scan',
        `strain: expected at least ${segmentSec} s for its spectrum, found ${strain.length / sampleRateHz} s`,
      );
    }
    const powers = new Float64Array(nSegments * nBins);
    for (let s = 0; s < nSegments; s++) {
      const from = s * step;
      let mean = 0;
      for (let i = 0; i < n; i++) mean += strain[from + i]!;
      mean /= n;
      for (let i = 0; i < n; i++) segment[i] = (strain[from + i]! - mean) * window[i]!;
      const { re, im } = transform(segment);
      for (let k = 0; k < nBins; k++) {
        powers[k * nSegments + s] = re[k]! * re[k]! + im[k]! * im[k]!;
      }
    }
    const scale = 1 / (medianBias(nSegments) * windowPower * sampleRateHz);
    const amplitude = new Float64Array(nBins);
    for (let k = 0; k < nBins; k++) {
      const sorted = powers.subarray(k * nSegments, (k + 1) * nSegments).sort();
      const upper = sorted[nSegments >> 1]!;
      const median = nSegments % 2 === 1 ? upper : (sorted[(nSegments >> 1) - 1]! + upper) / 2;
      const sides = k === 0 || k === nBins - 1 ? 1 : 2;
      amplitude[k] = Math.sqrt(sides * median * scale);
    }
    return { binHz: sampleRateHz / n, amplitude };
  };
}

/** Median over mean of n independent exponential values. */
function medianBias(n: number): number {
  let bias = 1;
  for (let i = 2; i <= n - 1; i += 2) bias += 1 / (i + 1) - 1 / i;
  return bias;
}
