import { SpectrogramError } from '../errors.js';
import { createRealFft, createTwiddles, type RealSpectrum } from './fft.js';
import { createInverseRealFft } from './inverse-fft.js';
import { createSpectralDensityEstimator, type SpectralDensity } from './spectral-density.js';

/** Bins at either end of the transfer function that are faded out. */
const FADED_BINS = 5;
/** Length of the whitening filter; half of it is lost at either end of what is whitened. */
const FILTER_SEC = 2;
/** At either end, whitened strain is not to be used for so long. */
export const WHITENING_EDGE_SEC = FILTER_SEC / 2;
/** The shortest stretch that can be whitened: some segments for the median, and an unspoilt middle. */
export const MIN_WHITENING_SEC = 12;

export interface WhitenedStrain {
  /** Variance 1 where the noise is stationary; as long as the strain. */
  readonly samples: Float64Array;
  readonly density: SpectralDensity;
}

/** @throws SpectrogramError bad_scan for strain that is too short, not finite, or silent. */
export type Whitener = (strain: Float64Array) => WhitenedStrain;

/**
 * Divides strain by its own amplitude spectral density: a linear-phase filter of 2 s,
 * the truncated inverse of the median Welch density (inverse spectrum truncation, Usman
 * et al. 2016, CQG 33, 215004), so that every frequency of stationary noise gets the same
 * power and times stay where they are. Step by step what `TimeSeries.whiten` of GWpy
 * does. The tables and buffers are kept for the next call.
 */
export function createWhitener(sampleRateHz: number): Whitener {
  const estimate = createSpectralDensityEstimator({ sampleRateHz });
  const designer = createFilterDesigner(sampleRateHz);
  const convolve = createConvolver(FILTER_SEC * sampleRateHz);
  return (strain) => {
    if (strain.length < MIN_WHITENING_SEC * sampleRateHz) {
      const found = strain.length / sampleRateHz;
      throw new SpectrogramError(
        'bad_scan',
        `strain: expected at least ${MIN_WHITENING_SEC} s without a gap, found ${found} s`,
      );
    }
    const density = estimate(strain);
    const filter = designer(density, strain.length);
    return { samples: convolve(prepared(strain, filter.length), filter), density };
  };
}

type FilterDesigner = (density: SpectralDensity, nSamples: number) => Float64Array;

/** Taps of the whitening filter; the present moment is tap nTaps / 2 - 1. */
export function createFilterDesigner(sampleRateHz: number): FilterDesigner {
  const nTaps = FILTER_SEC * sampleRateHz;
  const half = nTaps / 2;
  const inverses = new Map<number, ReturnType<typeof createInverseRealFft>>();
  return (density, nSamples) => {
    let n = 2 * nTaps;
    while (n < nSamples) n *= 2;
    const inverse = inverses.get(n) ?? createInverseRealFft(n);
    inverses.set(n, inverse);
    const impulse = inverse(transferFunction(density, n, sampleRateHz));
    const scale = Math.sqrt(2 / sampleRateHz);
    return Float64Array.from({ length: nTaps }, (_, i) => {
      const lag = i - (half - 1);
      const fade = 0.5 - 0.5 * Math.cos((2 * Math.PI * (lag + half)) / nTaps);
      return scale * fade * impulse[(lag + n) % n]!;
    });
  };
}

/** One over the density at n / 2 + 1 frequencies, faded out at both ends. */
function transferFunction(
  { binHz, amplitude }: SpectralDensity,
  n: number,
  sampleRateHz: number,
): RealSpectrum {
  const nBins = n / 2 + 1;
  const re = new Float64Array(nBins);
  for (let k = 0; k < nBins; k++) {
    const position = (k * sampleRateHz) / n / binHz;
    const below = Math.min(Math.floor(position), amplitude.length - 2);
    const share = position - below;
    const value = amplitude[below]! * (1 - share) + amplitude[below + 1]! * share;
    const fromEnd = Math.min(k, nBins - 1 - k);
    const angle = (2 * Math.PI * fromEnd) / (2 * FADED_BINS - 1);
    const kept = fromEnd < FADED_BINS ? 0.5 - 0.5 * Math.cos(angle) : 1;
    // The very ends are faded to nothing, whatever stands there.
    const transfer = kept === 0 ? 0 : kept / value;
    if (!Number.isFinite(transfer)) {
      const hz = ((k * sampleRateHz) / n).toFixed(2);
      throw new SpectrogramError(
        'bad_scan',
        `strain: expected noise at every frequency, found a spectral density of ${value} at ${hz} Hz`,
      );
    }
    re[k] = transfer;
  }
  return { re, im: new Float64Array(nBins) };
}

/** Less its mean, faded in and out over half a filter. */
function prepared(strain: Float64Array, nTaps: number): Float64Array {
  const half = nTaps / 2;
  let mean = 0;
  for (const value of strain) mean += value;
  mean /= strain.length;
  const out = new Float64Array(strain.length);
  for (let i = 0; i < out.length; i++) out[i] = strain[i]! - mean;
  for (let i = 0; i < half; i++) {
    const rise = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / nTaps);
    const fall = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + half)) / nTaps);
    out[i] = out[i]! * rise;
    out[out.length - half + i] = out[out.length - half + i]! * fall;
  }
  return out;
}

/** Filtered samples at the same times, by overlap-save. */
function createConvolver(nTaps: number) {
  const n = 8 * nTaps;
  const twiddles = createTwiddles(n);
  const forward = createRealFft(n, twiddles);
  const inverse = createInverseRealFft(n, twiddles);
  const padded = new Float64Array(n);
  const step = n - nTaps;
  const middle = nTaps / 2 - 1;

  return (samples: Float64Array, filter: Float64Array): Float64Array => {
    padded.fill(0);
    padded.set(filter);
    const spectrum = forward(padded);
    const filterRe = Float64Array.from(spectrum.re);
    const filterIm = Float64Array.from(spectrum.im);
    const out = new Float64Array(samples.length);
    for (let from = 0; from < out.length; from += step) {
      const start = from + middle - nTaps + 1;
      padded.fill(0);
      const low = Math.max(0, start);
      padded.set(samples.subarray(low, Math.min(samples.length, start + n)), low - start);
      const { re, im } = forward(padded);
      for (let k = 0; k < re.length; k++) {
        const a = re[k]!;
        const b = im[k]!;
        re[k] = a * filterRe[k]! - b * filterIm[k]!;
        im[k] = a * filterIm[k]! + b * filterRe[k]!;
      }
      const count = Math.min(step, out.length - from);
      // The first taps of each turn wrap round and are thrown away.
      out.set(inverse({ re, im }).subarray(nTaps - 1, nTaps - 1 + count), from);
    }
    return out;
  };
}
