import { createRng } from '../rng.js';
import { conformalPValue } from './conformal.js';

/** Scores that the tail is fitted to: one in fifty, within these bounds. */
const SHARE = 0.02;
const LEAST = 20;
const MOST = 500;
/** Fits to as many resamples; what they give beyond the scores is averaged. */
const RESAMPLES = 30;
const SEED = 7;
/** Up to a uniform distribution; but every other fit has no end: of so few scores none is to be believed. */
const LIGHTEST = -1;

/** Generalised Pareto distributions beyond a threshold, each as likely as the others. */
export interface ScoreTail {
  readonly threshold: number;
  readonly fits: readonly ParetoTail[];
}

interface ParetoTail {
  readonly scale: number;
  /** 0 is exponential, above it heavier; below it there is an end. */
  readonly shape: number;
}

/**
 * The upper tail of scores, by probability-weighted moments (Hosking and Wallis,
 * Technometrics 29, 339, 1987) of bootstrap resamples: one fit alone takes the end of a
 * light tail, or the shape of a heavy one, for certain, and so promises too much beyond
 * the scores (at a tenth of 1/n by a factor of two to four).
 *
 * @param sorted ascending
 * @returns undefined for fewer than 40 scores, or where the largest are all equal.
 */
export function fitTail(sorted: Float64Array): ScoreTail | undefined {
  const n = sorted.length;
  const count = Math.min(MOST, Math.max(LEAST, Math.floor(SHARE * n)));
  if (n < 2 * LEAST) return undefined;
  const threshold = sorted[n - count - 1]!;
  const rng = createRng(SEED);
  const fits: ParetoTail[] = [];
  const excess = new Float64Array(count);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let i = 0; i < count; i++) excess[i] = sorted[n - count + rng.nextInt(count)]! - threshold;
    const fit = fitExcess(excess.sort(), resample % 2 === 0 ? 0 : LIGHTEST);
    if (fit !== undefined) fits.push(fit);
  }
  return fits.length === 0 ? undefined : { threshold, fits };
}

function fitExcess(ascending: Float64Array, leastShape: number): ParetoTail | undefined {
  const count = ascending.length;
  let mean = 0;
  let weighted = 0;
  for (let i = 0; i < count; i++) {
    mean += ascending[i]! / count;
    weighted += ((1 - (i + 0.65) / count) * ascending[i]!) / count;
  }
  const apart = mean - 2 * weighted;
  if (!(mean > 0 && apart > 0)) return undefined;
  const shape = Math.min(0.9, Math.max(leastShape, 2 - mean / apart));
  // Of the two moments the mean says more about the scale once the shape is bounded.
  return { scale: mean * (1 - shape), shape };
}

/** P(score or more | beyond the threshold), on average over the fits. */
function beyond({ threshold, fits }: ScoreTail, score: number): number {
  let sum = 0;
  for (const { scale, shape } of fits) {
    const x = (score - threshold) / scale;
    if (Math.abs(shape) < 1e-9) sum += Math.exp(-x);
    else sum += Math.max(0, 1 + shape * x) ** (-1 / shape);
  }
  return sum / fits.length;
}

/**
 * The conformal p-value as far as there are calibration scores. Beyond the largest, where
 * that count can say no more than 1/(n + 1), the fitted tail carries on from it.
 */
export function tailPValue(
  sorted: Float64Array,
  tail: ScoreTail | undefined,
  score: number,
): number {
  const p = conformalPValue(sorted, score);
  const largest = sorted.at(-1);
  if (tail === undefined || largest === undefined || score <= largest) return p;
  const atLargest = conformalPValue(sorted, largest);
  const reached = beyond(tail, largest);
  // No fit reaches even the largest score: nothing to go on with.
  if (reached === 0) return p;
  return atLargest * Math.min(1, beyond(tail, score) / reached);
}
