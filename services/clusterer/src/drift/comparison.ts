import { createMatrix, twoSampleTest } from '@glitchwatch/numerics';

/** Two samples of one detector's embeddings, row-major. */
export interface ComparisonInput {
  readonly reference: Float32Array;
  readonly recent: Float32Array;
  readonly dimension: number;
  readonly permutations: number;
  readonly seed: number;
}

export interface Comparison {
  readonly mmd2: number;
  readonly pValue: number;
  /** Rows of `recent` that are least like the reference, most unusual first. */
  readonly unusual: readonly number[];
}

const N_UNUSUAL = 5;

export function compareSamples(input: ComparisonInput): Comparison {
  const { reference, recent, dimension, permutations, seed } = input;
  const test = twoSampleTest(
    createMatrix(reference.length / dimension, dimension, reference),
    createMatrix(recent.length / dimension, dimension, recent),
    { permutations, seed },
  );
  const unusual = [...test.witness.keys()]
    .sort((a, b) => test.witness[b]! - test.witness[a]!)
    .slice(0, N_UNUSUAL);
  return { mmd2: test.mmd2, pValue: test.pValue, unusual };
}
