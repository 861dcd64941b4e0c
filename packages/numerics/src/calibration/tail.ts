import { conformalPValue } from './conformal.js';

/** Scores that the tail is fitted to: a tenth of them, within these bounds. */
const SHARE = 0.1;
const LEAST = 20;
const MOST = 500;
/** As many scores must lie beyond for their count to speak by itself. */
const ENOUGH_BEYOND = 10;

/** A generalised Pareto distribution beyond a threshold. */
export interface ScoreTail {
  readonly threshold: number;
  /** P(score > threshold). */
  readonly share: number;
  readonly scale: number;
  /** 0 is exponential, above it heavier. */
  readonly shape: number;
}

/**
 * The upper tail of scores by probability-weighted moments (Hosking and Wallis,
 * Technometrics 29, 339, 1987), which a few dozen values are enough for. The shape is
 * kept from 0 on: an end beyond which nothing comes is not to be believed of so few values.
 *
 * @param sorted ascending
 * @returns undefined for fewer than 40 scores, or where the largest are all equal.
 */
export function fitTail(sorted: Float64Array): ScoreTail | undefined {
  const n = sorted.length;
  const count = Math.min(MOST, Math.max(LEAST, Math.floor(SHARE * n)));
  if (n < 2 * LEAST) return undefined;
  const threshold = sorted[n - count - 1]!;
  let mean = 0;
  let weighted = 0;
  for (let i = 0; i < count; i++) {
    const excess = sorted[n - count + i]! - threshold;
    mean += excess / count;
    weighted += ((1 - (i + 0.65) / count) * excess) / count;
  }
  const apart = mean - 2 * weighted;
  if (!(mean > 0 && apart > 0)) return undefined;
  const shape = Math.min(0.9, Math.max(0, 2 - mean / apart));
  // Of the two moments the mean says more about the scale once the shape is bounded.
  return { threshold, share: count / n, scale: mean * (1 - shape), shape };
}

/** P(score or more), also far beyond every calibration score. */
function beyond({ threshold, share, scale, shape }: ScoreTail, score: number): number {
  const x = (score - threshold) / scale;
  if (shape < 1e-9) return share * Math.exp(-x);
  return share * (1 + shape * x) ** (-1 / shape);
}

/**
 * The conformal p-value where at least ten calibration scores are as large. Beyond them
 * that count is too coarse to say how rare a score is (it never goes below 1/(n + 1)),
 * and the fitted tail carries on from it, without a step.
 */
export function tailPValue(
  sorted: Float64Array,
  tail: ScoreTail | undefined,
  score: number,
): number {
  const p = conformalPValue(sorted, score);
  if (tail === undefined) return p;
  const joint = sorted[sorted.length - ENOUGH_BEYOND]!;
  if (score <= joint) return p;
  const atJoint = conformalPValue(sorted, joint);
  const ratio = beyond(tail, score) / beyond(tail, joint);
  return atJoint * Math.min(1, ratio);
}
