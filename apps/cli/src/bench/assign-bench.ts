import { availableParallelism, cpus } from 'node:os';
import {
  ActiveModel,
  defaultFitParams,
  defaultMinClusterSize,
  type FittedModel,
  fitInWorker,
  ReferenceStore,
  runtimeGivesWayToLiveWork,
} from '@glitchwatch/clusterer';
import { Trigger } from '@glitchwatch/proto';
import { CliError } from '../errors.js';
import { assignPeer, type PeerFigures, type PeerWork } from './assign-peer.js';
import { makeEmbeddings } from './kinds-of-glitches.js';
import { placePaced } from './paced-placing.js';
import { checkRepeats, type Glitches, idOf, placeAll, REPEATED, vectorOf } from './placing.js';
import { type Quantiles, quantilesOf } from './quantiles.js';

export interface AssignBenchOptions {
  /** Reference glitches. */
  readonly count: number;
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
  readonly epochs?: number | undefined;
  /** False: no fit of everything, so nothing about a refit and agreement. */
  readonly refit: boolean;
  /** A Python with umap-learn and hdbscan. */
  readonly python?: string | undefined;
  readonly signal: AbortSignal;
}

export interface AssignBenchResult {
  readonly machine: string;
  readonly reference: number;
  readonly heldOut: number;
  readonly dimension: number;
  readonly fitSec: number;
  /** One call after the other, on one core. */
  readonly singleMs: Quantiles;
  readonly perSec: number;
  /** CPU of one call: on a busy machine the figure to compare. */
  readonly cpuMs: number;
  /** Glitches asked again in another order and among others: all had the same answer. */
  readonly repeated: number;
  readonly pacedMs: Quantiles;
  readonly refit?: RefitFigures;
  readonly peer?: PeerFigures;
  /** Why there are none of a peer that was asked for. */
  readonly peerFailure?: string;
  /** CPU of umap-learn and hdbscan one at a time and by thousands, over ours one at a time. */
  readonly timesFaster?: { readonly single: number; readonly batch: number };
}

interface RefitFigures {
  readonly fitSec: number;
  readonly pacedMs: Quantiles;
  /** p99 while it ran over p99 without. */
  readonly p99Ratio: number;
  /** Held-out glitches of whose family the fit of everything is sure. */
  readonly sure: number;
  /** Of them, those that were given that family before it. */
  readonly agreement: number;
  /** Of the rest, those that were left unassigned. */
  readonly leftUnassigned: number;
}

/** One part in five of everything is held out. */
const HELD_OUT_PER_REFERENCE = 0.25;
/** As many are timed, one call after the other. */
const TIMED = 20_000;
const PEER_SINGLES = 200;
const PACED_WITHOUT_REFIT = 1_000;
const SURE = 0.5;
const RULES = { listed: 5, noveltyAlpha: 0.01 };

/**
 * Live assignment: places held-out glitches one call at a time under a model of the
 * others, then while everything is fitted anew, and compares with what that fit says.
 */
export async function benchAssign(options: AssignBenchOptions): Promise<AssignBenchResult> {
  const { count, dimension, python, signal } = options;
  runtimeGivesWayToLiveWork();
  const heldOut = Math.round(count * HELD_OUT_PER_REFERENCE);
  const { vectors } = makeEmbeddings(count + heldOut, options);
  const glitches = { vectors, dimension, from: count, to: count + heldOut };
  // Before our own fit: at a million the peer needs nearly all the memory there is.
  const { peer, peerFailure } = await peerFigures(python, {
    vectors,
    dimension,
    nReference: count,
    nQueries: heldOut,
    minClusterSize: defaultMinClusterSize(count),
    singles: PEER_SINGLES,
    signal,
  });
  const own = await measureOwn(options, glitches);
  if (peer === undefined) return { ...own, ...(peerFailure && { peerFailure }) };
  const timesFaster = {
    single: peer.singleCpuMs / own.cpuMs,
    batch: peer.batchCpuMs / own.cpuMs,
  };
  return { ...own, peer, timesFaster };
}

/** A peer that fails takes nothing with it: an hour goes by at a million. */
async function peerFigures(
  python: string | undefined,
  work: PeerWork,
): Promise<{ readonly peer?: PeerFigures; readonly peerFailure?: string }> {
  if (python === undefined) return {};
  try {
    return { peer: await assignPeer(python, work) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { peerFailure: error.message };
  }
}

async function measureOwn(
  options: AssignBenchOptions,
  glitches: Glitches,
): Promise<AssignBenchResult> {
  const { count, dimension, signal } = options;
  const fit = await fitRows(options, storeOf(glitches, count));
  const model = await modelOf(fit, 1);
  placeAll(model, { ...glitches, to: Math.min(glitches.to, count + REPEATED) });
  const cpu = process.cpuUsage();
  const started = performance.now();
  const singleMs = placeAll(model, { ...glitches, to: Math.min(glitches.to, count + TIMED) });
  const perSec = singleMs.length / ((performance.now() - started) / 1_000);
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1_000 / singleMs.length;
  const repeated = checkRepeats(model, glitches);
  // Before the pacing, which would else wait for the collection of what this leaves.
  const everything = options.refit ? storeOf(glitches, glitches.to) : undefined;
  const paced = await placePaced(model, glitches, PACED_WITHOUT_REFIT, signal);
  const pacedMs = quantilesOf(paced);
  const refit =
    everything &&
    (await whileRefitting(options, { fit, everything, model, glitches, before: pacedMs }));
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    reference: count,
    heldOut: glitches.to - count,
    dimension,
    fitSec: secondsOf(fit),
    singleMs: quantilesOf(singleMs),
    perSec,
    cpuMs,
    repeated,
    pacedMs,
    ...(refit && { refit }),
  };
}

/** The first rows as the leader keeps them. */
function storeOf(glitches: Glitches, rows: number): ReferenceStore {
  const store = new ReferenceStore({ maxGlitches: rows });
  const facts = { trigger: Trigger.fromPartial({}), ingestedAtMs: 0 };
  for (let row = 0; row < rows; row++) {
    store.add({ glitchId: idOf(row), vector: vectorOf(glitches, row), ...facts });
  }
  return store;
}

async function fitRows(
  { epochs, signal }: AssignBenchOptions,
  store: ReferenceStore,
  before?: FittedModel,
): Promise<FittedModel> {
  const { glitchIds, vectors } = await store.rowsForFit();
  const rows = glitchIds.length;
  const known = before?.glitchIds.length ?? 0;
  const previousFamilyIds = new Int32Array(rows).fill(-1);
  const previousLayout = new Float32Array(2 * rows).fill(Number.NaN);
  if (before !== undefined) {
    previousFamilyIds.set(before.familyIds.subarray(0, known));
    previousLayout.set(before.layout.subarray(0, 2 * known));
  }
  const past = { previousFamilyIds, previousLayout, nextFamilyId: before?.nextFamilyId };
  return fitInWorker(
    {
      glitchIds,
      vectors,
      params: { ...defaultFitParams, nEpochs: epochs },
      ...(before === undefined ? {} : past),
    },
    signal,
  );
}

function modelOf(fit: FittedModel, modelVersion: number): Promise<ActiveModel> {
  const firstModelVersions = new Map(fit.families.map(({ familyId }) => [familyId, modelVersion]));
  const snapshot = {
    modelVersion,
    embedderSha256: '',
    firstModelVersions,
    assignmentOffsets: new Map(),
    fit,
  };
  return ActiveModel.open(snapshot, RULES, 0);
}

async function whileRefitting(
  options: AssignBenchOptions,
  parts: {
    readonly fit: FittedModel;
    readonly everything: ReferenceStore;
    readonly model: ActiveModel;
    readonly glitches: Glitches;
    readonly before: Quantiles;
  },
): Promise<RefitFigures> {
  const { fit, everything, model, glitches, before } = parts;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, options.signal]);
  const pacing = placePaced(model, glitches, Number.MAX_SAFE_INTEGER, signal);
  let whole: FittedModel;
  try {
    whole = await fitRows(options, everything, fit);
  } finally {
    ended.abort();
  }
  const pacedMs = quantilesOf(await pacing);
  const agreement = compare(model, whole, glitches);
  return {
    fitSec: secondsOf(whole),
    pacedMs,
    p99Ratio: pacedMs.p99 / before.p99,
    ...agreement,
  };
}

function compare(
  model: ActiveModel,
  whole: FittedModel,
  glitches: Glitches,
): Pick<RefitFigures, 'sure' | 'agreement' | 'leftUnassigned'> {
  let [sure, same, unassigned] = [0, 0, 0];
  for (let row = glitches.from; row < glitches.to; row++) {
    if (!(whole.probabilities[row]! > SURE)) continue;
    sure++;
    const { familyId } = model.place(idOf(row), vectorOf(glitches, row));
    if (familyId === whole.familyIds[row]) same++;
    else if (familyId < 0) unassigned++;
  }
  return {
    sure,
    agreement: same / sure,
    leftUnassigned: unassigned / Math.max(1, sure - same),
  };
}

function secondsOf({ secondsByStage }: FittedModel): number {
  return Object.values(secondsByStage).reduce((sum, seconds) => sum + seconds, 0);
}
