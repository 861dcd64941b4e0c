import type { Rng } from '@glitchwatch/numerics';

/** Physical parameters drawn from a seeded stream. */
export interface Draws {
  uniform(low: number, high: number): number;
  /** Uniform in the logarithm; both bounds positive. */
  logUniform(low: number, high: number): number;
  normal(mean: number, deviation: number): number;
  /** Whole number, both bounds included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

export function createDraws(rng: Rng): Draws {
  const uniform = (low: number, high: number) => low + (high - low) * rng.nextFloat();
  return {
    uniform,
    logUniform: (low, high) => low * (high / low) ** rng.nextFloat(),
    normal: (mean, deviation) => mean + deviation * rng.nextNormal(),
    integer: (low, high) => low + rng.nextInt(high - low + 1),
    chance: (probability) => rng.nextFloat() < probability,
    pick: (choices) => choices[rng.nextInt(choices.length)]!,
  };
}
