import { NumericsError } from '../errors.js';

/** How far rows have moved, as cosine distances: 0 not at all, 2 to the opposite. */
export interface CosineShift {
  readonly max: number;
  readonly mean: number;
}

/**
 * Cosine distance of each row of `after` from the same row of `before`, the greatest and
 * the mean. Rows of another length are of another space: they count as 1, unrelated. Rows
 * with the same bits count as exactly 0, whatever rounding would make of them.
 *
 *     cosineShift([[1, 0]], [[0, 1]])   // { max: 1, mean: 1 }
 *
 * @throws NumericsError bad_shape where the number of rows differs or is 0.
 */
export function cosineShift(
  before: readonly ArrayLike<number>[],
  after: readonly ArrayLike<number>[],
): CosineShift {
  if (after.length !== before.length || before.length === 0) {
    throw new NumericsError(
      'bad_shape',
      `after: expected ${before.length || 'some'} rows as in before, found ${after.length}`,
    );
  }
  const distances = before.map((row, i) => cosineDistance(row, after[i]!));
  const sum = distances.reduce((total, distance) => total + distance, 0);
  return { max: Math.max(...distances), mean: sum / distances.length };
}

function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return 1;
  let dot = 0;
  let aa = 0;
  let bb = 0;
  let isSame = true;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    isSame &&= x === y;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (isSame) return 0;
  const norm = Math.sqrt(aa * bb);
  return norm > 0 ? Math.min(2, Math.max(0, 1 - dot / norm)) : 1;
}
