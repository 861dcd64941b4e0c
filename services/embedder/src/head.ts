import { meanUnitVector } from './unit-vector.js';

/**
 * A unit vector times a matrix (row by row), scaled to length 1 again; sums in float64
 * and in one order, so the bits are the same everywhere. Without a head, or a vector,
 * what comes in goes out.
 */
export function throughHead(
  vector: Float32Array<ArrayBuffer> | undefined,
  head: Float32Array | undefined,
): Float32Array<ArrayBuffer> | undefined {
  if (head === undefined || vector === undefined) return vector;
  const n = vector.length;
  const projected = new Float64Array(head.length / n);
  for (let row = 0; row < projected.length; row++) {
    let sum = 0;
    for (let i = 0, at = row * n; i < n; i++, at++) sum += head[at]! * vector[i]!;
    projected[row] = sum;
  }
  return meanUnitVector([projected]);
}
