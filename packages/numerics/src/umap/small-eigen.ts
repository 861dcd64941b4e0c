/** Eigenvalues of a small symmetric matrix, greatest first, and their unit vectors. */
export interface SmallEigen {
  readonly values: Float64Array;
  /** Column c (elements r * size + c) belongs to values[c]. */
  readonly vectors: Float64Array;
}

/**
 * All eigenpairs of a symmetric size x size matrix (row-major, overwritten) by
 * cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5). Meant
 * for the handful of columns of a subspace iteration.
 */
export function symmetricEigen(matrix: Float64Array, size: number): SmallEigen {
  const a = matrix;
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    if (offDiagonal(a, size) === 0) break;
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (i, j) => a[j * size + j]! - a[i * size + i]!,
  );
  const values = new Float64Array(size);
  const vectors = new Float64Array(size * size);
  for (const [c, from] of order.entries()) {
    values[c] = a[from * size + from]!;
    for (let r = 0; r < size; r++) vectors[r * size + c] = v[r * size + from]!;
  }
  return { values, vectors };
}

/** Sum of squares above the diagonal, 0 once it is lost in the diagonal's rounding. */
function offDiagonal(a: Float64Array, size: number): number {
  let off = 0;
  let on = 0;
  for (let i = 0; i < size; i++) {
    on += a[i * size + i]! ** 2;
    for (let j = i + 1; j < size; j++) off += a[i * size + j]! ** 2;
  }
  return off <= 1e-32 * on ? 0 : off;
}

/** Zeroes a[p][q] by a rotation of rows and columns p and q. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < size; i++) {
    const ip = a[i * size + p]!;
    const iq = a[i * size + q]!;
    a[i * size + p] = c * ip - s * iq;
    a[i * size + q] = s * ip + c * iq;
  }
  for (let i = 0; i < size; i++) {
    const pi = a[p * size + i]!;
    const qi = a[q * size + i]!;
    a[p * size + i] = c * pi - s * qi;
    a[q * size + i] = s * pi + c * qi;
    const vp = v[i * size + p]!;
    const vq = v[i * size + q]!;
    v[i * size + p] = c * vp - s * vq;
    v[i * size + q] = s * vp + c * vq;
  }
}
