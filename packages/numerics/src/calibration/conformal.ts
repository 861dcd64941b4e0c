import { NumericsError } from '../errors.js';

/**
 * Conformal p-value of a nonconformity score against calibration scores:
 * (1 + #{c >= score}) / (n + 1) (Vovk, Gammerman and Shafer 2005). If the new
 * score is exchangeable with the calibration scores, P(p <= t) <= t for every t.
 *
 * conformalPValue([1, 2, 3], 2.5) is (1 + 1) / 4.
 *
 * @param calibrationSorted ascending; empty gives 1: nothing speaks against the score.
 * @throws NumericsError not_finite when the score is NaN.
 */
export function conformalPValue(calibrationSorted: Float64Array, score: number): number {
  if (Number.isNaN(score)) {
    throw new NumericsError('not_finite', 'score: expected a number, found NaN');
  }
  let low = 0;
  let high = calibrationSorted.length;
  // First place whose value is >= score.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (calibrationSorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return (1 + calibrationSorted.length - low) / (calibrationSorted.length + 1);
}
