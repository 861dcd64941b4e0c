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

/**
 * @param widen share by which every logarithmic range is drawn wider on both
 *   sides, and every normal deviation: parameters beyond the stated ranges.
 */
export function createDraws(rng: Rng, widen = 0): Draws {
  const uniform = (low: number, high: number) => low + (high - low) * rng.nextFloat();
  return {
    uniform,
    logUniform: (low, high) => low * (high / low) ** ((1 + 2 * widen) * rng.nextFloat() - widen),
    normal: (mean, deviation) => mean + deviation * (1 + widen) * rng.nextNormal(),
    integer: (low, high) => low + rng.nextInt(high - low + 1),
    chance: (probability) => rng.nextFloat() < probability,
    pick: (choices) => choices[rng.nextInt(choices.length)]!,
  };
}
