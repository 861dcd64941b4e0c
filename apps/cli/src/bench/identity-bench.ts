import { availableParallelism, cpus } from 'node:os';
import {
  defaultFitParams,
  type FittedModel,
  familyEvents,
  fitInWorker,
} from '@glitchwatch/clusterer';
import { createRng, trustworthiness } from '@glitchwatch/numerics';
import { FamilyEventKind } from '@glitchwatch/proto';
import { makeEmbeddings } from './kinds-of-glitches.js';
import { mapDiameter, medianMove } from './map-moves.js';
import { idOf } from './placing.js';
import { type Kept, keptByFamily } from './stable-families.js';

export interface IdentityBenchOptions {
  readonly count: number;
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
  readonly refits: number;
  readonly epochs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onRefit?: (done: number) => void;
}

/** From one refit to the next, over rows that are in both. */
export interface RefitStep {
  readonly rows: number;
  readonly nFamilies: number;
  readonly stableFamilies: number;
  /** Members of stable families, and those of them that keep their family id. */
  readonly stableMembers: number;
  readonly kept: number;
  /** The same by the numbers that HDBSCAN gives its clusters. */
  readonly keptByLabel: number;
  readonly keptByLabelCold: number;
  /** Median move over the map's diameter; where each fit begins anew, below. */
  readonly move: number;
  readonly moveCold: number;
  readonly trustworthiness: number;
  readonly trustworthinessCold: number;
  readonly events: Readonly<Record<string, number>>;
  /** Ids that came or went without an event. */
  readonly unexplained: number;
}

export interface IdentityBenchResult {
  readonly machine: string;
  readonly glitches: number;
  readonly dimension: number;
  readonly steps: readonly RefitStep[];
  /** Over all steps, by members. */
  readonly kept: number;
  readonly keptByLabel: number;
  readonly keptByLabelCold: number;
  readonly greatestMove: number;
  readonly greatestMoveCold: number;
  readonly reusedIds: number;
}

const SAMPLE_SHARE = 0.9;
const JUDGED_ROWS = 1_500;
const TRUST_NEIGHBOURS = 15;

/** A fit with the rows of everything that it was made of. */
interface Sampled {
  readonly rows: Int32Array;
  readonly fit: FittedModel;
}

/**
 * Refits on samples of 90 % of the same glitches, one after the other: who keeps the
 * family id, what is said of the rest, and how far the map moves. Each beside a fit that
 * knows nothing of the one before.
 */
export async function benchIdentity(options: IdentityBenchOptions): Promise<IdentityBenchResult> {
  const { count, dimension, seed, refits } = options;
  const { vectors } = makeEmbeddings(count, options);
  const rng = createRng(seed + 1);
  const fitSample = async (before?: Sampled): Promise<readonly [Sampled, Sampled]> => {
    const rows = sample(count, () => rng.nextFloat());
    const warm = { rows, fit: await fitRows(options, vectors, rows, before) };
    const cold = before ? { rows, fit: await fitRows(options, vectors, rows) } : warm;
    return [warm, cold];
  };
  let [before, beforeCold] = await fitSample();
  const retired = new Set<number>();
  let reusedIds = 0;
  const steps: RefitStep[] = [];
  for (let done = 1; done <= refits; done++) {
    const [after, afterCold] = await fitSample(before);
    const ids = idsOf(after.fit);
    reusedIds += ids.filter((familyId) => retired.has(familyId)).length;
    for (const familyId of idsOf(before.fit)) if (!ids.includes(familyId)) retired.add(familyId);
    steps.push(stepOf({ before, after, beforeCold, afterCold, vectors, dimension }));
    [before, beforeCold] = [after, afterCold];
    options.onRefit?.(done);
  }
  const members = sum(steps, ({ stableMembers }) => stableMembers);
  const overall = (of: (step: RefitStep) => number) =>
    sum(steps, (step) => of(step) * step.stableMembers) / members;
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    glitches: count,
    dimension,
    steps,
    kept: overall(({ kept }) => kept),
    keptByLabel: overall(({ keptByLabel }) => keptByLabel),
    keptByLabelCold: overall(({ keptByLabelCold }) => keptByLabelCold),
    greatestMove: Math.max(...steps.map(({ move }) => move)),
    greatestMoveCold: Math.max(...steps.map(({ moveCold }) => moveCold)),
    reusedIds,
  };
}

function sample(count: number, draw: () => number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row).filter(() => draw() < SAMPLE_SHARE);
}

function fitRows(
  { dimension, epochs, signal }: IdentityBenchOptions,
  vectors: Float32Array,
  rows: Int32Array,
  before?: Sampled,
): Promise<FittedModel> {
  const own = new Float32Array(rows.length * dimension);
  const previousFamilyIds = new Int32Array(rows.length).fill(-1);
  const previousLayout = new Float32Array(2 * rows.length).fill(Number.NaN);
  const placeOf = new Map(Array.from(before?.rows ?? [], (row, place) => [row, place]));
  rows.forEach((row, place) => {
    own.set(vectors.subarray(row * dimension, (row + 1) * dimension), place * dimension);
    const then = placeOf.get(row);
    if (then === undefined || before === undefined) return;
    previousFamilyIds[place] = before.fit.familyIds[then]!;
    previousLayout.set(before.fit.layout.subarray(2 * then, 2 * then + 2), 2 * place);
  });
  const past = { previousFamilyIds, previousLayout, nextFamilyId: before?.fit.nextFamilyId };
  return fitInWorker(
    {
      glitchIds: Array.from(rows, idOf),
      vectors: own,
      params: { ...defaultFitParams, nEpochs: epochs },
      ...(before === undefined ? {} : past),
    },
    signal,
  );
}

interface StepParts {
  readonly before: Sampled;
  readonly after: Sampled;
  readonly beforeCold: Sampled;
  readonly afterCold: Sampled;
  readonly vectors: Float32Array;
  readonly dimension: number;
}

function stepOf(parts: StepParts): RefitStep {
  const { before, after, beforeCold, afterCold } = parts;
  const pairs = commonPlaces(before.rows, after.rows);
  const kept = keptBetween(before.fit, after.fit, pairs);
  const cold = keptBetween(beforeCold.fit, afterCold.fit, pairs);
  const events = familyEvents({ ...after.fit, familiesBefore: idsOf(before.fit) });
  const named = new Set(events.map(({ familyId }) => familyId));
  return {
    rows: pairs.length,
    nFamilies: after.fit.families.length,
    stableFamilies: kept.stableFamilies,
    stableMembers: kept.members,
    kept: kept.sameId / kept.members,
    keptByLabel: kept.sameLabel / kept.members,
    keptByLabelCold: cold.sameLabel / cold.members,
    move: medianMove(before.fit.layout, after.fit.layout, pairs) / mapDiameter(before.fit.layout),
    moveCold:
      medianMove(beforeCold.fit.layout, afterCold.fit.layout, pairs) /
      mapDiameter(beforeCold.fit.layout),
    trustworthiness: trustOf(after, parts),
    trustworthinessCold: trustOf(afterCold, parts),
    events: countKinds(events.map(({ kind }) => kind)),
    unexplained: changedIds(before.fit, after.fit).filter((id) => !named.has(id)).length,
  };
}

function keptBetween(
  before: FittedModel,
  after: FittedModel,
  pairs: readonly (readonly [number, number])[],
): Kept {
  return keptByFamily(
    pairs.map(([then, now]) => ({
      familyBefore: before.familyIds[then]!,
      familyAfter: after.familyIds[now]!,
      labelBefore: before.labels[then]!,
      labelAfter: after.labels[now]!,
    })),
  );
}

/** Places of the same row in both. */
function commonPlaces(before: Int32Array, after: Int32Array): [number, number][] {
  const placeOf = new Map(Array.from(before, (row, place) => [row, place]));
  return Array.from(after, (row, place) => [placeOf.get(row), place] as const).flatMap(
    ([then, now]): [number, number][] => (then === undefined ? [] : [[then, now]]),
  );
}

function idsOf(fit: FittedModel): number[] {
  return fit.families.map(({ familyId }) => familyId);
}

function changedIds(before: FittedModel, after: FittedModel): number[] {
  const [then, now] = [new Set(idsOf(before)), new Set(idsOf(after))];
  return [...[...then].filter((id) => !now.has(id)), ...[...now].filter((id) => !then.has(id))];
}

function trustOf({ fit }: Sampled, { dimension }: StepParts): number {
  const n = fit.glitchIds.length;
  const step = Math.max(1, Math.floor(n / JUDGED_ROWS));
  const judged = Array.from({ length: Math.floor(n / step) }, (_, i) => i * step);
  const points = new Float32Array(judged.length * dimension);
  const layout = new Float32Array(judged.length * 2);
  judged.forEach((row, to) => {
    points.set(fit.vectors.subarray(row * dimension, (row + 1) * dimension), to * dimension);
    layout.set(fit.layout.subarray(2 * row, 2 * row + 2), 2 * to);
  });
  const rows = judged.length;
  return trustworthiness(
    { rows, cols: dimension, data: points },
    { rows, cols: 2, data: layout },
    TRUST_NEIGHBOURS,
    'cosine',
  );
}

function countKinds(kinds: readonly FamilyEventKind[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) {
    const name = FamilyEventKind[kind].replace('FAMILY_EVENT_KIND_', '').toLowerCase();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
