/** Plain twins of the kernels that find neighbours. */

/** A candidate: its distance, float32, and its position. */
export type Candidate = readonly [distance: number, position: number];

export const nearer = (a: Candidate, b: Candidate): number => a[0] - b[0] || a[1] - b[1];

/** See assembly/compare-leaves.ts: the distance for ranking, each step in float32. */
export function rankingDistance(
  q: readonly (readonly number[])[],
  norms: readonly number[],
  twice: number,
  x: number,
  y: number,
): number {
  const product = q[x]!.reduce((sum, value, c) => sum + value * q[y]![c]!, 0);
  const sum = Math.fround(norms[x]! + norms[y]!);
  return Math.max(0, Math.fround(sum - Math.fround(Math.fround(product) * twice)));
}

/** The `size` nearest of some candidates, as a list of keys holds them. */
export function nearest(candidates: readonly Candidate[], size: number): Candidate[] {
  return [...candidates].sort(nearer).slice(0, size);
}

/** See assembly/rerank.ts: |x - y|^2 / 2. */
export function halfSquared(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, value, c) => sum + (value - y[c]!) ** 2, 0) / 2;
}
