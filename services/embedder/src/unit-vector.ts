/**
 * Mean of `rows` scaled to length 1, accumulated in float64 and stored as
 * float32. With one row this is the row itself, L2-normalised.
 *
 * @param rows one or more vectors of equal length
 * @returns undefined where an element is NaN or infinite, or the mean is zero
 */
export function meanUnitVector(
  rows: readonly ArrayLike<number>[],
): Float32Array<ArrayBuffer> | undefined {
  const first = rows[0];
  if (first === undefined) return undefined;
  const sum = new Float64Array(first.length);
  for (const row of rows) {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + row[i]!;
  }
  let squares = 0;
  for (let i = 0; i < sum.length; i++) squares += sum[i]! * sum[i]!;
  // Neither NaN nor an infinity in a float32 row can hide from the sum of
  // squares, and squares of float32 values cannot overflow float64.
  if (!Number.isFinite(squares) || squares === 0) return undefined;
  const scale = 1 / Math.sqrt(squares);
  const unit = new Float32Array(sum.length);
  for (let i = 0; i < unit.length; i++) unit[i] = sum[i]! * scale;
  return unit;
}
