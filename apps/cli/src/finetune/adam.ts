export interface Adam {
  /** Moves `values` against `gradient`, in place. */
  step(values: Float64Array, gradient: Float64Array): void;
}

const FIRST = 0.9;
const SECOND = 0.999;
const EPSILON = 1e-8;

/** Kingma & Ba 2015, algorithm 1. */
export function createAdam(length: number, learningRate: number): Adam {
  const mean = new Float64Array(length);
  const square = new Float64Array(length);
  let steps = 0;
  return {
    step(values, gradient) {
      steps += 1;
      const meanScale = 1 / (1 - FIRST ** steps);
      const squareScale = 1 / (1 - SECOND ** steps);
      for (let i = 0; i < length; i++) {
        const g = gradient[i]!;
        mean[i] = FIRST * mean[i]! + (1 - FIRST) * g;
        square[i] = SECOND * square[i]! + (1 - SECOND) * g * g;
        const size = Math.sqrt(square[i]! * squareScale) + EPSILON;
        values[i] = values[i]! - (learningRate * mean[i]! * meanScale) / size;
      }
    },
  };
}
