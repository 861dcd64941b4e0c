import { availableParallelism, cpus } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ClustererConfig,
  clustererConfigSchema,
  defaultFitParams,
  fitReference,
  NoveltyTrial,
} from '@glitchwatch/clusterer';
import { type KolmogorovSmirnov, testUniform } from '@glitchwatch/numerics';
import { parseConfig } from '@glitchwatch/service-kit';
import type { EmbeddingPool } from './embedding-pool.js';
import type { NoveltyBenchOptions, PoolSplit } from './novelty-options.js';
import { LEAST_GAP } from './novelty-stream.js';
import { type QuietMonth, quietMonth } from './quiet-month.js';
import { type WithheldTrial, withheldTrial } from './withheld-trial.js';

/** The share of candidates varies. */
const SPARE = 0.9;

export interface NoveltyBenchResult {
  readonly machine: string;
  readonly pool: { readonly size: number; readonly classes: number; readonly fitted: number };
  readonly uniformity: KolmogorovSmirnov & { readonly glitches: number };
  readonly quiet: QuietMonth;
  readonly withheld: readonly WithheldTrial[];
}

/**
 * Novelty at simulated times over embeddings of simulated glitches: whether p-values are
 * uniform on known kinds, whether false alarms come as often as wanted, and after how many
 * glitches a kind is found that the model has not seen.
 */
export async function benchNovelty(options: NoveltyBenchOptions): Promise<NoveltyBenchResult> {
  const { pool, signal } = options;
  const all = splitOf(options, undefined);
  const config = configFor(all.heldOut.length);
  const trial = await fitted(pool, all.fit, config);
  const pValues = all.heldOut.map((row) => trial.placeOf(row, pool.vectorAt(row)).noveltyPValue);
  const quiet = await quietMonth(trial, { ...options, config, rows: all.heldOut });
  const withheld: WithheldTrial[] = [];
  const progress = options.startProgress('withheld', pool.classes.length);
  try {
    for (let withheldClass = 0; withheldClass < pool.classes.length; withheldClass++) {
      signal.throwIfAborted();
      const split = splitOf(options, withheldClass);
      const without = await fitted(pool, split.fit, config);
      withheld.push(await withheldTrial(without, { ...options, ...split, config, withheldClass }));
      progress.update(withheldClass + 1);
      await nextTurn();
    }
  } finally {
    progress.stop();
  }
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    pool: { size: pool.size, classes: pool.classes.length, fitted: all.fit.length },
    uniformity: { ...testUniform(pValues), glitches: pValues.length },
    quiet,
    withheld,
  };
}

/** The first of each kind are fitted, in the order of the pool. */
function splitOf(
  { pool, fitPerClass }: NoveltyBenchOptions,
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

/** As it is used, but that no window of candidates is so long that a glitch comes twice in it. */
function configFor(heldOut: number): ClustererConfig {
  const config = parseConfig(clustererConfigSchema, {}, 'clusterer');
  const once = Math.floor(LEAST_GAP * SPARE * config.alertCandidateShare * heldOut);
  return { ...config, alertWindow: Math.min(config.alertWindow, once) };
}

async function fitted(
  pool: EmbeddingPool,
  rows: readonly number[],
  config: ClustererConfig,
): Promise<NoveltyTrial> {
  const vectors = new Float32Array(rows.length * pool.dimension);
  for (const [i, row] of rows.entries()) vectors.set(pool.vectorAt(row), i * pool.dimension);
  const glitchIds = rows.map((row) => String(row).padStart(8, '0'));
  const fit = await fitReference({ glitchIds, vectors, params: defaultFitParams });
  await nextTurn();
  return NoveltyTrial.open(fit, config);
}
