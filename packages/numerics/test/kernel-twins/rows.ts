/** Plain twins of the kernels that make rows ready: what they compute, without how. */

/** See assembly/unit-rows.ts. */
export function unitRow(row: readonly number[]): number[] {
  const norm = Math.sqrt(dot(row, row));
  return row.map((x) => x / norm);
}

/** See assembly/multiply-rows.ts: rows . basis. */
export function multiplyRows(
  rows: readonly (readonly number[])[],
  basis: readonly (readonly number[])[],
): number[][] {
  const width = basis[0]?.length ?? 0;
  return rows.map((row) =>
    Array.from({ length: width }, (_, c) => row.reduce((sum, x, d) => sum + x * basis[d]![c]!, 0)),
  );
}

/** See assembly/covariance.ts: X^T X. */
export function gram(sample: readonly (readonly number[])[]): number[][] {
  const dim = sample[0]?.length ?? 0;
  return Array.from({ length: dim }, (_, i) =>
    Array.from({ length: dim }, (_, j) => sample.reduce((sum, x) => sum + x[i]! * x[j]!, 0)),
  );
}

/** See assembly/project-rows.ts, before rounding. */
export function projectRow(
  row: readonly number[],
  basis: readonly (readonly number[])[],
  mean: readonly number[],
  scale: number,
): { readonly scaled: number[]; readonly norm: number } {
  const centred = row.map((x, d) => x - mean[d]!);
  const [projected = []] = multiplyRows([centred], basis);
  return { scaled: projected.map((p) => p * scale), norm: dot(centred, centred) };
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
