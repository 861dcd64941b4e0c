import { type Contingency, contingency } from './contingency.js';

/** How the two entropies become the normaliser of a mutual information. */
export type Average = 'arithmetic' | 'geometric' | 'min' | 'max';

function entropy(sizes: Float64Array, points: number): number {
  let sum = 0;
  for (const size of sizes) sum -= (size / points) * Math.log(size / points);
  return sum;
}

function mutualInformationOf(table: Contingency): number {
  const { points, counts, classSizes, clusterSizes } = table;
  const width = clusterSizes.length;
  if (width < 2 || classSizes.length < 2) return 0;
  let sum = 0;
  for (let r = 0; r < classSizes.length; r++) {
    for (let c = 0; c < width; c++) {
      const count = counts[r * width + c]!;
      if (count === 0) continue;
      const joint = count / points;
      sum += joint * Math.log((points * count) / (classSizes[r]! * clusterSizes[c]!));
    }
  }
  return Math.max(0, sum);
}

function averageOf(a: number, b: number, average: Average): number {
  switch (average) {
    case 'arithmetic':
      return (a + b) / 2;
    case 'geometric':
      return Math.sqrt(a * b);
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
  }
}

/** Mutual information of two labellings in nats. */
export function mutualInformation(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  return mutualInformationOf(contingency(classes, clusters));
}

/**
 * Mutual information over an average of the two entropies (Strehl and Ghosh 2002;
 * arithmetic by default, as scikit-learn). 1 when both labellings are one group.
 */
export function normalizedMutualInfo(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
  average: Average = 'arithmetic',
): number {
  return normalizedMutualInfoOf(contingency(classes, clusters), average);
}

/** normalizedMutualInfo of counted pairs. */
export function normalizedMutualInfoOf(
  table: Contingency,
  average: Average = 'arithmetic',
): number {
  const { points, classSizes, clusterSizes } = table;
  if (classSizes.length <= 1 && clusterSizes.length <= 1) return 1;
  const information = mutualInformationOf(table);
  if (information <= Number.EPSILON) return 0;
  return (
    information / averageOf(entropy(classSizes, points), entropy(clusterSizes, points), average)
  );
}

/**
 * Normalised mutual information corrected for chance under fixed group sizes
 * (Vinh, Epps and Bailey 2010). 1 when both labellings are one group.
 */
export function adjustedMutualInfo(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
  average: Average = 'arithmetic',
): number {
  const table = contingency(classes, clusters);
  const { points, classSizes, clusterSizes } = table;
  const bothOne = classSizes.length <= 1 && clusterSizes.length <= 1;
  const bothSingle = classSizes.length === points && clusterSizes.length === points;
  if (bothOne || bothSingle) return 1;
  const information = mutualInformationOf(table);
  const expected = expectedMutualInformation(table);
  const normaliser = averageOf(entropy(classSizes, points), entropy(clusterSizes, points), average);
  // Keeps its sign, but never a division by zero.
  const gap = normaliser - expected;
  const denominator = gap < 0 ? Math.min(gap, -Number.EPSILON) : Math.max(gap, Number.EPSILON);
  return (information - expected) / denominator;
}

/** Mean mutual information over all tables with these margins (hypergeometric cells). */
function expectedMutualInformation({ points, classSizes, clusterSizes }: Contingency): number {
  if (classSizes.length <= 1 || clusterSizes.length <= 1) return 0;
  const logFactorial = new Float64Array(points + 1);
  for (let i = 2; i <= points; i++) logFactorial[i] = logFactorial[i - 1]! + Math.log(i);
  const f = (i: number): number => logFactorial[i]!;
  let sum = 0;
  for (const a of classSizes) {
    for (const b of clusterSizes) {
      const margins = f(a) + f(b) + f(points - a) + f(points - b) - f(points);
      for (let cell = Math.max(1, a + b - points); cell <= Math.min(a, b); cell++) {
        const ways = f(cell) + f(a - cell) + f(b - cell) + f(points - a - b + cell);
        const gain = (cell / points) * Math.log((points * cell) / (a * b));
        sum += gain * Math.exp(margins - ways);
      }
    }
  }
  return sum;
}

/** Homogeneity, completeness and their harmonic mean; all within 0 ... 1. */
export interface VMeasure {
  readonly homogeneity: number;
  readonly completeness: number;
  readonly vMeasure: number;
}

/** Conditional-entropy scores of Rosenberg and Hirschberg (2007); all 1 for no points. */
export function vMeasure(classes: ArrayLike<number>, clusters: ArrayLike<number>): VMeasure {
  return vMeasureOf(contingency(classes, clusters));
}

/** vMeasure of counted pairs. */
export function vMeasureOf(table: Contingency): VMeasure {
  const { points, classSizes, clusterSizes } = table;
  if (points === 0) return { homogeneity: 1, completeness: 1, vMeasure: 1 };
  const information = mutualInformationOf(table);
  const classEntropy = entropy(classSizes, points);
  const clusterEntropy = entropy(clusterSizes, points);
  const homogeneity = classEntropy > 0 ? information / classEntropy : 1;
  const completeness = clusterEntropy > 0 ? information / clusterEntropy : 1;
  const total = homogeneity + completeness;
  return {
    homogeneity,
    completeness,
    vMeasure: total === 0 ? 0 : (2 * homogeneity * completeness) / total,
  };
}
