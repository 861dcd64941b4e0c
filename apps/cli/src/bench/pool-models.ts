import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ClustererConfig,
  clustererConfigSchema,
  defaultFitParams,
  type FittedModel,
  fitReference,
  type NoveltyTrial,
} from '@glitchwatch/clusterer';
import type { Rng } from '@glitchwatch/numerics';
import { parseConfig } from '@glitchwatch/service-kit';
import type { EmbeddingPool } from './embedding-pool.js';
import type { PoolSplit } from './novelty-options.js';
import { LEAST_GAP, shuffled } from './novelty-stream.js';

/** The share of candidates varies. */
const SPARE = 0.9;

interface SplitChoice {
  readonly pool: EmbeddingPool;
  readonly fitPerClass: number;
}

/** The first of each kind are fitted, in the order of the pool. */
export function splitOf(
  { pool, fitPerClass }: SplitChoice,
  withheldClass: number | undefined,
): PoolSplit {
  const nFit = fitPerClass * pool.classes.length;
  const rows = Array.from({ length: pool.size }, (_, row) => row);
  const known = rows.filter((row) => pool.classAt(row) !== withheldClass);
  return {
    fit: known.filter((row) => row < nFit),
    heldOut: known.filter((row) => row >= nFit),
    withheldRows: rows.filter((row) => pool.classAt(row) === withheldClass),
  };
}

/** As many of each kind, whichever: reference and held-out glitches of one population. */
export function drawSplit({ pool, fitPerClass }: SplitChoice, rng: Rng): PoolSplit {
  const left = pool.classes.map(() => fitPerClass);
  const fit: number[] = [];
  const heldOut: number[] = [];
  const rows = Array.from({ length: pool.size }, (_, row) => row);
  for (const row of shuffled(rows, rng)) {
    const kind = pool.classAt(row);
    (left[kind]! > 0 ? fit : heldOut).push(row);
    left[kind]!--;
  }
  return { fit, heldOut, withheldRows: [] };
}

/** As it is used, but that no window of candidates is so long that a glitch comes twice in it. */
export function configFor(heldOut: number): ClustererConfig {
  const config = parseConfig(clustererConfigSchema, {}, 'clusterer');
  const once = Math.floor(LEAST_GAP * SPARE * config.alertCandidateShare * heldOut);
  return { ...config, alertWindow: Math.min(config.alertWindow, once) };
}

/**
 * A model of these rows.
 *
 * @param before Where the rows may have been in a reference before, under these names.
 */
export async function fitRows(
  pool: EmbeddingPool,
  rows: readonly number[],
  before?: { readonly trial: NoveltyTrial; readonly idOf: (row: number) => string },
): Promise<FittedModel> {
  const vectors = new Float32Array(rows.length * pool.dimension);
  for (const [i, row] of rows.entries()) vectors.set(pool.vectorAt(row), i * pool.dimension);
  const glitchIds = rows.map((row) => before?.idOf(row) ?? rowName(row));
  const input = { glitchIds, vectors, params: defaultFitParams };
  const fit = await fitReference(
    before === undefined ? input : { ...input, ...pastOf(before.trial, pool, rows) },
  );
  await nextTurn();
  return fit;
}

export function rowName(row: number): string {
  return `r${String(row).padStart(8, '0')}`;
}

/** Families go on: each row was somewhere under the model before, in its reference or not. */
function pastOf(trial: NoveltyTrial, pool: EmbeddingPool, rows: readonly number[]) {
  const places = rows.map((row) => trial.placeOf(row, pool.vectorAt(row)));
  return {
    previousFamilyIds: Int32Array.from(places, ({ familyId }) => familyId),
    previousLayout: Float32Array.from(places.flatMap(({ mapX, mapY }) => [mapX, mapY])),
    nextFamilyId: trial.fit.nextFamilyId,
  };
}
