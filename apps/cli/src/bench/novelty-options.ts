import { createRng } from '@glitchwatch/numerics';
import type { EmbeddingPool } from './embedding-pool.js';

export interface NoveltyBenchOptions {
  readonly pool: EmbeddingPool;
  /** Glitches of each kind that the model is fitted to; the others are held out. */
  readonly fitPerClass: number;
  readonly seed: number;
  readonly quietDays: number;
  readonly quietPerDay: number;
  /** How often the month is lived through, each time with other glitches. */
  readonly months: number;
  /** Kinds that are withheld, one after the other. */
  readonly withhold: readonly string[];
  readonly days: number;
  readonly perDay: number;
  readonly signal: AbortSignal;
  readonly startProgress: (
    label: string,
    total: number,
    unit: string,
  ) => { update(done: number): void; stop(): void };
}

export interface PoolSplit {
  readonly fit: readonly number[];
  readonly heldOut: readonly number[];
  /** Of the kind that is withheld; empty without one. */
  readonly withheldRows: readonly number[];
}

/** A seed of its own for each part. */
export function seedOf(seed: number, part: number): number {
  return createRng(seed * 1_009 + part).nextInt(2 ** 31);
}
