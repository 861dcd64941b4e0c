import { type McNemar, mcnemar, neighbourQuality } from '../bench/quality-metrics.js';
import { dealFolds } from './folds.js';
import { projected, trainHead } from './train-head.js';

export interface LabelledVectors {
  readonly vectors: readonly Float32Array[];
  readonly labels: readonly string[];
}

export interface Scores {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly meanAveragePrecision: number;
}

export interface CrossValidation {
  readonly folds: number;
  /** Glitches held out once each whose label another glitch has. */
  readonly scored: number;
  /** Over all held-out glitches together. */
  readonly before: Scores;
  readonly after: Scores;
  /** Glitches whose nearest neighbour was right before alone, and after alone. */
  readonly against: McNemar;
}

interface HeldOut {
  readonly label: string;
  readonly before: { readonly hit: boolean; readonly precision: number };
  readonly after: { readonly hit: boolean; readonly precision: number };
}

/**
 * What the labels are worth for glitches that were not used: in each fold a head is
 * trained without the glitches held out, and these look for their neighbours among all
 * others, once by the network's vectors and once through the head.
 */
export async function crossValidate(
  { vectors, labels }: LabelledVectors,
  options: {
    readonly folds: number;
    readonly steps: number;
    readonly seed: number;
    readonly signal: AbortSignal;
    readonly onStep?: (() => void) | undefined;
  },
): Promise<CrossValidation> {
  const { folds: nFolds, seed } = options;
  const folds = dealFolds(labels, nFolds, seed);
  const heldOut: HeldOut[] = [];
  for (let fold = 0; fold < nFolds; fold++) {
    const used = indicesWhere(folds, (found) => found !== fold);
    const queries = indicesWhere(folds, (found) => found === fold);
    const head = await trainHead(
      used.map((i) => vectors[i]!),
      used.map((i) => labels[i]!),
      options,
    );
    const through = projected(head, vectors);
    for (const i of queries) {
      const before = neighbourQuality(vectors, labels, [i]);
      if (before.scored === 0) continue;
      heldOut.push({
        label: labels[i]!,
        before: pick(before),
        after: pick(neighbourQuality(through, labels, [i])),
      });
    }
  }
  return {
    folds: nFolds,
    scored: heldOut.length,
    before: scoresOf(heldOut.map(({ label, before }) => ({ label, ...before }))),
    after: scoresOf(heldOut.map(({ label, after }) => ({ label, ...after }))),
    against: mcnemar(
      heldOut.map(({ before }) => before.hit),
      heldOut.map(({ after }) => after.hit),
    ),
  };
}

function indicesWhere(folds: Int32Array, holds: (fold: number) => boolean): number[] {
  return [...folds.keys()].filter((i) => holds(folds[i]!));
}

function pick(quality: ReturnType<typeof neighbourQuality>) {
  return { hit: quality.hits[0] === true, precision: quality.meanAveragePrecision };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);

function scoresOf(
  found: readonly { readonly label: string; readonly hit: boolean; readonly precision: number }[],
): Scores {
  const byLabel = new Map<string, number[]>();
  for (const { label, hit } of found) {
    byLabel.set(label, [...(byLabel.get(label) ?? []), hit ? 1 : 0]);
  }
  return {
    accuracy: mean(found.map(({ hit }) => (hit ? 1 : 0))),
    balancedAccuracy: mean([...byLabel.values()].map(mean)),
    meanAveragePrecision: mean(found.map(({ precision }) => precision)),
  };
}
