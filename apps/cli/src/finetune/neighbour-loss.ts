export interface NeighbourProblem {
  /** Unit vectors. */
  readonly rows: readonly Float32Array[];
  readonly labels: readonly string[];
  /** Square, row by row. */
  readonly matrix: Float64Array;
  readonly temperature: number;
}

/**
 * Minus the logarithm of the chance that a glitch's neighbour, drawn by softmax over
 * cosines, has its label (Goldberger et al. 2004, eq. 2 to 4, with cosines for squared
 * distances), as a mean over glitches with weights of one over the square root of how
 * many share the label. A glitch alone with its label is a neighbour and asks nothing.
 *
 * @param gradient overwritten by the loss's gradient in the matrix
 */
export function neighbourLoss(problem: NeighbourProblem, gradient: Float64Array): number {
  const { rows, labels, matrix, temperature } = problem;
  const n = rows.length;
  const d = rows[0]?.length ?? 0;
  const { units, lengths } = project(rows, matrix, d);
  const weights = weightsOf(labels);

  // Row i of `pull`: the loss's derivative in the cosines of i with the others.
  const pull = new Float64Array(n * n);
  const chances = new Float64Array(n);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] === 0) continue;
    let top = -Infinity;
    for (let j = 0; j < n; j++) {
      chances[j] = j === i ? -Infinity : dot(units, i, j, d) / temperature;
      if (chances[j]! > top) top = chances[j]!;
    }
    let [all, same] = [0, 0];
    for (let j = 0; j < n; j++) {
      chances[j] = Math.exp(chances[j]! - top);
      all += chances[j]!;
      if (labels[j] === labels[i]) same += chances[j]!;
    }
    // Far from all of its own the logarithm would be infinite: its slope stays finite.
    same = Math.max(same, 1e-12 * all);
    loss -= weights[i]! * Math.log(same / all);
    const scale = weights[i]! / temperature;
    for (let j = 0; j < n; j++) {
      const ofSame = labels[j] === labels[i] ? chances[j]! / same : 0;
      pull[i * n + j] = scale * (chances[j]! / all - ofSame);
    }
  }
  descend({ rows, units, lengths, pull }, gradient);
  return loss;
}

function project(rows: readonly Float32Array[], matrix: Float64Array, d: number) {
  const units = new Float64Array(rows.length * d);
  const lengths = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    let squares = 0;
    for (let r = 0; r < d; r++) {
      let sum = 0;
      for (let c = 0, at = r * d; c < d; c++, at++) sum += matrix[at]! * row[c]!;
      units[i * d + r] = sum;
      squares += sum * sum;
    }
    const length = Math.max(Math.sqrt(squares), 1e-12);
    lengths[i] = length;
    for (let r = i * d; r < (i + 1) * d; r++) units[r] = units[r]! / length;
  });
  return { units, lengths };
}

/** The chain rule from the cosines back to the matrix. */
function descend(
  at: {
    readonly rows: readonly Float32Array[];
    readonly units: Float64Array;
    readonly lengths: Float64Array;
    readonly pull: Float64Array;
  },
  gradient: Float64Array,
): void {
  const { rows, units, lengths, pull } = at;
  const n = rows.length;
  const d = rows[0]?.length ?? 0;
  gradient.fill(0);
  const slope = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    slope.fill(0);
    for (let j = 0; j < n; j++) {
      const weight = pull[i * n + j]! + pull[j * n + i]!;
      if (weight === 0) continue;
      for (let r = 0, from = j * d; r < d; r++, from++)
        slope[r] = slope[r]! + weight * units[from]!;
    }
    // A unit vector turns and does not grow.
    let along = 0;
    for (let r = 0; r < d; r++) along += slope[r]! * units[i * d + r]!;
    const row = rows[i]!;
    for (let r = 0; r < d; r++) {
      const turn = (slope[r]! - along * units[i * d + r]!) / lengths[i]!;
      for (let c = 0, to = r * d; c < d; c++, to++) gradient[to] = gradient[to]! + turn * row[c]!;
    }
  }
}

function weightsOf(labels: readonly string[]): Float64Array {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const weights = Float64Array.from(labels, (label) => {
    const count = counts.get(label) ?? 0;
    return count < 2 ? 0 : 1 / Math.sqrt(count);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / Math.max(total, 1e-12));
}

function dot(units: Float64Array, i: number, j: number, d: number): number {
  let sum = 0;
  for (let r = 0, a = i * d, b = j * d; r < d; r++, a++, b++) sum += units[a]! * units[b]!;
  return sum;
}
