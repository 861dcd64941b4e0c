/** Neighbours of each row, itself not among them, nearest first. */
export interface RowNeighbours {
  readonly k: number;
  /** Row-major n x k. */
  readonly indices: Int32Array;
  /** Cosine distances, row-major n x k. */
  readonly distances: Float32Array;
}

export interface Calibration {
  /** Leave-one-out novelty scores of the family members, ascending. */
  readonly scores: Float64Array;
  /** Leave-one-out novelty score of every row. */
  readonly rowScores: Float64Array;
}

/** Fewer family members than this say too little: then every row calibrates. */
const MIN_MEMBERS = 50;

/**
 * What the known population looks like, from the fit's own rows.
 *
 * The score of a row is its mean cosine distance to its `noveltyNeighbours` nearest others. The
 * known population are the members of families: rows that the fit itself left out
 * would otherwise make their like look ordinary, and a new family that was too
 * small at one fit could hide at the next.
 */
export function calibrate(
  neighbours: RowNeighbours,
  labels: Int32Array,
  noveltyNeighbours: number,
): Calibration {
  const { k, distances } = neighbours;
  const rowScores = Float64Array.from(labels, (_, row) =>
    meanOf(distances.subarray(row * k, (row + 1) * k), noveltyNeighbours),
  );
  const members = membersOf(labels);
  const scores = Float64Array.from(members, (row) => rowScores[row]!).sort();
  return { scores, rowScores };
}

function membersOf(labels: Int32Array): number[] {
  const all = Array.from(labels, (_, row) => row);
  const members = all.filter((row) => labels[row]! >= 0);
  return members.length >= MIN_MEMBERS ? members : all;
}

/** Mean of the first `count` values, or of all where there are fewer; 0 of none. */
export function meanOf(values: Float32Array, count: number): number {
  const n = Math.min(count, values.length);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  return n === 0 ? 0 : sum / n;
}

/**
 * Share of the calibration scores at or above `score`, counting the glitch itself
 * (Vovk et al., Algorithmic Learning in a Random World, 2005, eq. 2.20):
 * (1 + #{c >= s}) / (n + 1). `calibrates` takes a row's own score out first.
 */
export function noveltyPValue(
  scores: Float64Array,
  score: number,
  { calibrates }: { readonly calibrates: boolean },
): number {
  const atOrAbove = scores.length - lowerBound(scores, score);
  return calibrates
    ? Math.max(1, atOrAbove) / Math.max(1, scores.length)
    : (1 + atOrAbove) / (scores.length + 1);
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid]! < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
