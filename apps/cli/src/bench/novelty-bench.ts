import { availableParallelism, cpus } from 'node:os';
import { NoveltyTrial } from '@glitchwatch/clusterer';
import { type KolmogorovSmirnov, testUniform } from '@glitchwatch/numerics';
import type { NoveltyBenchOptions } from './novelty-options.js';
import { configFor, fitRows, splitOf } from './pool-models.js';
import { type QuietMonth, quietMonth } from './quiet-month.js';
import { type WithheldTrial, withheldTrial } from './withheld-trial.js';

export interface NoveltyBenchResult {
  readonly machine: string;
  readonly pool: { readonly size: number; readonly classes: number; readonly fitted: number };
  readonly uniformity: KolmogorovSmirnov & {
    readonly glitches: number;
    /** In the reference, against which each was counted. */
    readonly reference: number;
    /** If the reference were the whole population. */
    readonly pValueOfOneSample: number;
  };
  readonly quiet: QuietMonth;
  readonly withheld: readonly WithheldTrial[];
}

/** Told of each part as it is known: the whole takes minutes. */
export interface NoveltyListener {
  readonly onUniformity: (found: Uniformity) => void;
  readonly onQuiet: (found: QuietMonth) => void;
  readonly onWithheld: (found: WithheldTrial) => void;
}

export type Uniformity = NoveltyBenchResult['uniformity'];

/**
 * Novelty at simulated times over embeddings of simulated glitches: whether p-values are
 * uniform on known kinds, whether false alarms come as often as wanted, and after how many
 * glitches a kind is found that the model has not seen.
 */
export async function benchNovelty(
  options: NoveltyBenchOptions,
  listener: NoveltyListener,
): Promise<NoveltyBenchResult> {
  const { pool, fitPerClass } = options;
  const uniformity = await measureUniformity(options);
  listener.onUniformity(uniformity);
  const quiet = await quietMonth(options);
  listener.onQuiet(quiet);
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    pool: {
      size: pool.size,
      classes: pool.classes.length,
      fitted: fitPerClass * pool.classes.length,
    },
    uniformity,
    quiet,
    withheld: await withholdEach(options, listener),
  };
}

async function measureUniformity(options: NoveltyBenchOptions): Promise<Uniformity> {
  const { pool } = options;
  const { fit, heldOut } = splitOf(options, undefined);
  const trial = await NoveltyTrial.open(await fitRows(pool, fit), configFor(heldOut.length));
  const pValues = heldOut.map((row) => trial.placeOf(row, pool.vectorAt(row)).noveltyPValue);
  return {
    ...testUniform(pValues, fit.length),
    glitches: pValues.length,
    reference: fit.length,
    pValueOfOneSample: testUniform(pValues).pValue,
  };
}

async function withholdEach(
  options: NoveltyBenchOptions,
  listener: NoveltyListener,
): Promise<WithheldTrial[]> {
  const { pool, signal, withhold } = options;
  const trials: WithheldTrial[] = [];
  for (const className of withhold) {
    signal.throwIfAborted();
    const withheldClass = pool.classes.indexOf(className);
    const split = splitOf(options, withheldClass);
    const config = configFor(split.heldOut.length);
    const trial = await NoveltyTrial.open(await fitRows(pool, split.fit), config);
    const done = await withheldTrial(trial, { ...options, ...split, config, withheldClass });
    trials.push(done);
    listener.onWithheld(done);
  }
  return trials;
}
