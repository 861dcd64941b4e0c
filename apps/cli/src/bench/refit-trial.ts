import type { ActiveModel, FittedModel, ReferenceStore } from '@glitchwatch/clusterer';
import { placePaced } from './paced-placing.js';
import { type Glitches, idOf, vectorOf } from './placing.js';
import { type Quantiles, quantilesOf } from './quantiles.js';
import { fitRows, type ReferenceFitOptions, secondsOf } from './reference-fit.js';

export interface RefitFigures {
  readonly fitSec: number;
  /** Without a refit, of all rounds. */
  readonly quietMs: Quantiles;
  /** While one runs, of all rounds. */
  readonly pacedMs: Quantiles;
  /** p99 while it ran over p99 without, of all rounds. */
  readonly p99Ratio: number;
  /** The same of each round. */
  readonly p99RatioOfRound: readonly number[];
  readonly all: Agreement;
  readonly ofKinds: Agreement;
  readonly ofNoKind: Agreement;
}

/** Of held-out glitches with what a fit of everything says. */
export interface Agreement {
  /** Of whose family that fit is sure. */
  readonly sure: number;
  /** Of them, those that were given that family before it. */
  readonly agreed: number;
  /** Of them, those that were left unassigned. */
  readonly unassigned: number;
}

export interface RefitTrial {
  readonly fit: FittedModel;
  readonly everything: ReferenceStore;
  readonly model: ActiveModel;
  readonly glitches: Glitches;
  /** -1 for a glitch of no kind: where it lies on a map is chance. */
  readonly kindOfRow: Int16Array;
  readonly rounds: number;
}

const PACED_WITHOUT_REFIT = 1_000;
const SURE = 0.5;

/**
 * Places glitches as they come, by turns without and while everything is fitted anew. A
 * quantile of a thousand is decided by ten of them, and what else a machine does comes and
 * goes in seconds: hence rounds, and the quantiles of all.
 */
export async function refitTrial(
  options: ReferenceFitOptions,
  trial: RefitTrial,
): Promise<RefitFigures> {
  const quiet: number[][] = [];
  const busy: number[][] = [];
  let whole: FittedModel | undefined;
  for (let round = 0; round < trial.rounds; round++) {
    quiet.push(await placePaced(trial.model, trial.glitches, PACED_WITHOUT_REFIT, options.signal));
    const during = await whileRefitting(options, trial);
    busy.push(during.ms);
    whole = during.whole;
  }
  const ratio = (of: number[], over: number[]) => quantilesOf(of).p99 / quantilesOf(over).p99;
  const { ofKinds, ofNoKind } = agreementWith(whole!, trial);
  return {
    fitSec: secondsOf(whole!),
    quietMs: quantilesOf(quiet.flat()),
    pacedMs: quantilesOf(busy.flat()),
    p99Ratio: ratio(busy.flat(), quiet.flat()),
    p99RatioOfRound: busy.map((ms, round) => ratio(ms, quiet[round]!)),
    all: sumOf(ofKinds, ofNoKind),
    ofKinds,
    ofNoKind,
  };
}

async function whileRefitting(
  options: ReferenceFitOptions,
  { fit, everything, model, glitches }: RefitTrial,
): Promise<{ readonly ms: number[]; readonly whole: FittedModel }> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, options.signal]);
  const pacing = placePaced(model, glitches, Number.MAX_SAFE_INTEGER, signal);
  let whole: FittedModel;
  try {
    whole = await fitRows(options, everything, fit);
  } finally {
    ended.abort();
  }
  return { whole, ms: await pacing };
}

/** Each held-out glitch is placed once. */
function agreementWith(
  whole: FittedModel,
  { model, glitches, kindOfRow }: RefitTrial,
): { readonly ofKinds: Agreement; readonly ofNoKind: Agreement } {
  const ofKinds = { sure: 0, agreed: 0, unassigned: 0 };
  const ofNoKind = { sure: 0, agreed: 0, unassigned: 0 };
  for (let row = glitches.from; row < glitches.to; row++) {
    if (!(whole.probabilities[row]! > SURE)) continue;
    const tally = kindOfRow[row]! < 0 ? ofNoKind : ofKinds;
    const { familyId } = model.place(idOf(row), vectorOf(glitches, row));
    tally.sure++;
    if (familyId === whole.familyIds[row]) tally.agreed++;
    else if (familyId < 0) tally.unassigned++;
  }
  return { ofKinds, ofNoKind };
}

function sumOf(a: Agreement, b: Agreement): Agreement {
  return {
    sure: a.sure + b.sure,
    agreed: a.agreed + b.agreed,
    unassigned: a.unassigned + b.unassigned,
  };
}
