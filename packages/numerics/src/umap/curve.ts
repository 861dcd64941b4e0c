import { NumericsError } from '../errors.js';

/** Parameters of the low-dimensional membership curve 1 / (1 + a x^(2b)). */
export interface CurveParams {
  readonly a: number;
  readonly b: number;
}

const SAMPLES = 300;

/**
 * Fits a and b so that 1 / (1 + a x^(2b)) comes closest, in least squares over
 * 300 points of [0, 3 spread], to 1 below minDist and exp(-(x - minDist) / spread)
 * above (McInnes et al. 2018, arXiv:1802.03426, definition 11). Levenberg-Marquardt
 * from a = b = 1, as scipy's curve_fit does for umap-learn.
 *
 * findAbParams(1, 0.1) is a = 1.5769, b = 0.8951.
 *
 * @throws NumericsError bad_option unless spread > 0 and 0 <= minDist <= spread.
 */
export function findAbParams(spread: number, minDist: number): CurveParams {
  if (!(spread > 0) || !(minDist >= 0) || !(minDist <= spread)) {
    throw new NumericsError(
      'bad_option',
      `spread, minDist: expected 0 <= minDist <= spread and spread > 0, found ${spread}, ${minDist}`,
    );
  }
  const x = new Float64Array(SAMPLES);
  const y = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    x[i] = (i * 3 * spread) / (SAMPLES - 1);
    y[i] = x[i]! < minDist ? 1 : Math.exp(-(x[i]! - minDist) / spread);
  }
  let a = 1;
  let b = 1;
  let damping = 1e-3;
  let cost = residual(x, y, a, b);
  for (let step = 0; step < 500; step++) {
    const { aa, ab, bb, ga, gb } = normalEquations(x, y, a, b);
    const d1 = aa * (1 + damping);
    const d2 = bb * (1 + damping);
    const determinant = d1 * d2 - ab * ab;
    const stepA = (d2 * ga - ab * gb) / determinant;
    const stepB = (d1 * gb - ab * ga) / determinant;
    const next = residual(x, y, a + stepA, b + stepB);
    if (next <= cost) {
      a += stepA;
      b += stepB;
      cost = next;
      damping = Math.max(damping / 10, 1e-15);
      if (Math.abs(stepA) <= 1e-13 * Math.abs(a) && Math.abs(stepB) <= 1e-13 * Math.abs(b)) break;
    } else {
      damping *= 10;
      if (damping > 1e12) break;
    }
  }
  return { a, b };
}

function residual(x: Float64Array, y: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (y[i]! - 1 / (1 + a * x[i]! ** (2 * b))) ** 2;
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum;
}

/** J^T J and J^T r of the curve at (a, b). */
function normalEquations(x: Float64Array, y: Float64Array, a: number, b: number) {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ga = 0;
  let gb = 0;
  for (let i = 0; i < x.length; i++) {
    const power = x[i]! ** (2 * b);
    const f = 1 / (1 + a * power);
    const byA = -power * f * f;
    // x^(2b) ln x tends to 0 at x = 0.
    const byB = x[i]! > 0 ? -2 * a * power * Math.log(x[i]!) * f * f : 0;
    const r = y[i]! - f;
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ga += byA * r;
    gb += byB * r;
  }
  return { aa, ab, bb, ga, gb };
}
