import { ClustererError } from './errors.js';

/** Shorter vectors have no direction to speak of. */
const MIN_NORM = 1e-6;
/** Already of length one to within float32: left as it is, so ids and bytes stay reproducible. */
const UNIT_TOLERANCE = 1e-5;

/**
 * The vector at length one, float32.
 *
 * @throws ClustererError `bad_embedding` for no elements, a NaN or infinity, or length zero.
 */
export function toUnitVector(vector: ArrayLike<number>, glitchId: string): Float32Array {
  const n = vector.length;
  if (n === 0) throw bad(glitchId, 'expected at least one element, found none');
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const value = vector[i]!;
    if (!Number.isFinite(value))
      throw bad(glitchId, `expected finite numbers, found ${value} at element ${i}`);
    sum += value * value;
  }
  const norm = Math.sqrt(sum);
  if (norm < MIN_NORM || !Number.isFinite(norm))
    throw bad(glitchId, `expected a vector that can be normalised, found length ${norm}`);
  const unit = Float32Array.from(vector);
  if (Math.abs(norm - 1) > UNIT_TOLERANCE) for (let i = 0; i < n; i++) unit[i] = vector[i]! / norm;
  return unit;
}

/**
 * 1 - a.b of two unit vectors, never below 0. Four sums side by side, because one waits for
 * its last addition each time: a third of the time for 256 elements (0.08 us for 0.26 us).
 */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  const n = a.length;
  const whole = n - (n % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  let dot = s0 + s1 + (s2 + s3);
  for (let i = whole; i < n; i++) dot += a[i]! * b[i]!;
  return dot >= 1 ? 0 : 1 - dot;
}

function bad(glitchId: string, what: string): ClustererError {
  return new ClustererError('bad_embedding', `Embedding of glitch ${glitchId}: ${what}`);
}
