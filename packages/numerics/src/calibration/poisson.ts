import { NumericsError } from '../errors.js';
import { logGamma } from './log-gamma.js';

/**
 * P(N >= count) of a Poisson variable of the given mean, to full relative precision also
 * where it is tiny: the terms from `count` on are summed, the largest first.
 *
 * poissonTail(1, 1) is 1 - 1/e.
 *
 * @throws NumericsError bad_option unless mean >= 0 and finite.
 */
export function poissonTail(count: number, mean: number): number {
  if (!(mean >= 0 && Number.isFinite(mean)))
    throw new NumericsError('bad_option', `mean: expected 0 or more, found ${mean}`);
  if (count <= 0) return 1;
  if (mean === 0) return 0;
  const n = Math.ceil(count);
  // Below the mean the head is the shorter sum.
  if (n <= mean) return Math.max(0, 1 - headOf(n, mean));
  let term = Math.exp(logTerm(n, mean));
  let sum = 0;
  for (let k = n; term > sum * Number.EPSILON; ) {
    sum += term;
    k++;
    term *= mean / k;
  }
  return Math.min(1, sum);
}

/** P(N < n), for n <= mean: terms fall towards zero. */
function headOf(n: number, mean: number): number {
  let term = Math.exp(logTerm(n - 1, mean));
  let sum = 0;
  for (let k = n - 1; k >= 0 && term > sum * Number.EPSILON; k--) {
    sum += term;
    term *= k / mean;
  }
  return sum;
}

function logTerm(k: number, mean: number): number {
  return k * Math.log(mean) - mean - logGamma(k + 1);
}
