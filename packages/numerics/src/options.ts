import { NumericsError } from './errors.js';

/** Returns `value` when it is a whole number >= `least`, else throws bad_option. */
export function wholeOption(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new NumericsError(
    'bad_option',
    `${name}: expected a whole number >= ${least}, found ${value}`,
  );
}

/** Returns `value` when it is finite and >= `least`, else throws bad_option. */
export function realOption(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new NumericsError('bad_option', `${name}: expected a number >= ${least}, found ${value}`);
}

/** Returns `value` when it is one of `allowed`, else throws bad_option. */
export function choiceOption<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new NumericsError(
    'bad_option',
    `${name}: expected ${allowed.join(' or ')}, found ${String(value)}`,
  );
}

/** What a long computation reports: the stage it is in and how much of it is done, 0 ... 1. */
export interface NumericsProgress {
  readonly stage: string;
  readonly fraction: number;
}
