export interface KolmogorovSmirnov {
  /** Largest distance of the empirical distribution from the uniform one. */
  readonly statistic: number;
  /** Of a distance as large or larger, if the values are uniform on [0, 1]. */
  readonly pValue: number;
}

const MAX_TERMS = 100;

/**
 * Kolmogorov's test of values against the uniform distribution on [0, 1], with
 * Stephens' correction for few values (Stephens 1970: exact to a few per cent from 5 on).
 *
 * @param calibrationScores For conformal p-values: how many scores they were counted
 *   against. Those are a sample themselves, and whatever they are, all the values share
 *   them; so it is the test of two samples (Smirnov), with n m / (n + m) in place of n.
 */
export function testUniform(
  values: ArrayLike<number>,
  calibrationScores = Number.POSITIVE_INFINITY,
): KolmogorovSmirnov {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let statistic = 0;
  for (let i = 0; i < n; i++)
    statistic = Math.max(statistic, (i + 1) / n - sorted[i]!, sorted[i]! - i / n);
  const root = Math.sqrt(1 / (1 / n + 1 / calibrationScores));
  return { statistic, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * statistic) };
}

/** 2 sum (-1)^(k-1) exp(-2 k^2 x^2). */
function kolmogorovTail(x: number): number {
  // The series alternates slowly there, and the answer is 1 to twelve digits.
  if (!(x > 0.2)) return 1;
  let sum = 0;
  for (let k = 1; k <= MAX_TERMS; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
