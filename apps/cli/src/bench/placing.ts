import { isDeepStrictEqual } from 'node:util';
import type { ActiveModel } from '@glitchwatch/clusterer';
import { CliError } from '../errors.js';

/** As many as are asked again. */
export const REPEATED = 500;

/** Rows [from, to) of vectors. */
export interface Glitches {
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly from: number;
  readonly to: number;
}

export const idOf = (row: number): string => String(row).padStart(10, '0');

export function vectorOf({ vectors, dimension }: Glitches, row: number): Float32Array {
  return vectors.subarray(row * dimension, (row + 1) * dimension);
}

/** Each once, one call at a time; milliseconds of each. */
export function placeAll(model: ActiveModel, glitches: Glitches): number[] {
  const ms: number[] = [];
  for (let row = glitches.from; row < glitches.to; row++) {
    const started = performance.now();
    model.place(idOf(row), vectorOf(glitches, row));
    ms.push(performance.now() - started);
  }
  return ms;
}

/** The same again from the last to the first, each after one that is no part of the question. */
export function checkRepeats(model: ActiveModel, glitches: Glitches): number {
  const rows = Array.from(
    { length: Math.min(REPEATED, glitches.to - glitches.from) },
    (_, i) => glitches.from + i,
  );
  const first = rows.map((row) => model.place(idOf(row), vectorOf(glitches, row)));
  for (const [i, row] of [...rows.entries()].reverse()) {
    model.toFamilies(idOf(i), vectorOf(glitches, i), { groupSize: 5, watched: new Set() });
    if (isDeepStrictEqual(model.place(idOf(row), vectorOf(glitches, row)), first[i])) continue;
    throw new CliError('pipeline_failed', `glitch ${row}: its place depends on what else is asked`);
  }
  return rows.length;
}
