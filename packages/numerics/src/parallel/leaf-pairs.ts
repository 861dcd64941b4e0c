import type { Round } from './work.js';

/** Neighbouring positions that are compared as one. */
export interface Leaf {
  /** First position, a multiple of 8. */
  readonly at: number;
  /** Positions, a multiple of 8; those without a row are never near. */
  readonly rows: number;
  readonly centroid: Float32Array;
}

export interface LeafPair {
  readonly a: number;
  readonly b: number;
}

/**
 * Each leaf from number `from` on with its `reach` nearest among `leaves` by centroid, each
 * pair once. Nearest first, so that lists are good early and later offers fail their
 * first test.
 */
export function nearestPairs(leaves: readonly Leaf[], reach: number, from = 0): LeafPair[] {
  const pairs = new Map<number, LeafPair & { readonly d: number }>();
  const width = leaves[0]?.centroid.length ?? 0;
  const centroids = new Float32Array(leaves.length * width);
  for (const [b, { centroid }] of leaves.entries()) centroids.set(centroid, b * width);
  for (let a = from; a < leaves.length; a++) {
    for (const { b, d } of nearestLeaves(centroids, width, a, reach)) {
      const pair = { a: Math.min(a, b), b: Math.max(a, b), d };
      pairs.set(pair.a * leaves.length + pair.b, pair);
    }
  }
  return [...pairs.values()].sort((p, q) => p.d - q.d || p.a - q.a || p.b - q.b);
}

/** Columns summed before a leaf that is too far already is let go. */
const STRETCH = 16;

/** The `reach` leaves nearest to leaf a, nearest first; equally near ones by number. */
function nearestLeaves(
  centroids: Float32Array,
  width: number,
  a: number,
  reach: number,
): readonly { readonly b: number; readonly d: number }[] {
  const near: { readonly b: number; readonly d: number }[] = [];
  let farthest = Number.POSITIVE_INFINITY;
  for (let b = 0; b * width < centroids.length; b++) {
    if (b === a) continue;
    let d = 0;
    for (let from = 0; from < width && d < farthest; from += STRETCH) {
      const to = Math.min(width, from + STRETCH);
      for (let p = a * width + from, q = b * width + from; p < a * width + to; p++, q++) {
        const difference = centroids[p]! - centroids[q]!;
        d += difference * difference;
      }
    }
    if (d >= farthest) continue;
    let at = near.length;
    while (at > 0 && near[at - 1]!.d > d) at--;
    near.splice(at, 0, { b, d });
    if (near.length > reach) near.pop();
    if (near.length === reach) farthest = near[reach - 1]!.d;
  }
  return near;
}

/** leaves x leaves bits: which have been compared, each with itself. */
export function comparedBits(
  leaves: number,
  pairs: readonly LeafPair[],
): { readonly bits: Uint8Array; readonly stride: number } {
  const stride = Math.ceil(leaves / 8);
  const bits = new Uint8Array(leaves * stride);
  const mark = (a: number, b: number): void => {
    bits[a * stride + (b >> 3)]! |= 1 << (b & 7);
  };
  for (let a = 0; a < leaves; a++) mark(a, a);
  for (const { a, b } of pairs) {
    mark(a, b);
    mark(b, a);
  }
  return { bits, stride };
}

/**
 * Comparisons of the pairs, round by round. Each pair goes into the first round in which
 * both leaves are free: their lists are then one thread's alone.
 *
 * @param common arguments of compareLeaves before the leaves.
 */
export function compareRounds(
  leaves: readonly Leaf[],
  pairs: readonly LeafPair[],
  common: readonly number[],
): Round[] {
  const rounds: number[][] = [];
  const taken: Uint8Array[] = [];
  /** Rounds before this one are full for the leaf. */
  const firstFree = new Int32Array(leaves.length);
  for (const { a, b } of pairs) {
    let round = Math.max(firstFree[a]!, firstFree[b]!);
    while (taken[round]?.[a] || taken[round]?.[b]) round++;
    taken[round] ??= new Uint8Array(leaves.length);
    rounds[round] ??= [];
    rounds[round]!.push(leaves[a]!.at, leaves[a]!.rows, leaves[b]!.at, leaves[b]!.rows);
    for (const leaf of [a, b]) {
      taken[round]![leaf] = 1;
      while (taken[firstFree[leaf]!]?.[leaf]) firstFree[leaf]!++;
    }
  }
  return rounds.map((calls) => ({
    kernel: 'compareLeaves',
    common,
    varying: Float64Array.from(calls),
    perCall: 4,
  }));
}
