import { availableParallelism, cpus } from 'node:os';
import { defaultMinClusterSize, runtimeGivesWayToLiveWork } from '@glitchwatch/clusterer';
import { CliError } from '../errors.js';
import { assignPeer, type PeerFigures, type PeerWork } from './assign-peer.js';
import { makeEmbeddings } from './kinds-of-glitches.js';
import { checkRepeats, type Glitches, placeAll, REPEATED } from './placing.js';
import { type Quantiles, quantilesOf } from './quantiles.js';
import { fitRows, modelOf, secondsOf, storeOf } from './reference-fit.js';
import { type RefitFigures, refitTrial } from './refit-trial.js';

export interface AssignBenchOptions {
  /** Reference glitches. */
  readonly count: number;
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
  readonly epochs?: number | undefined;
  /** False: no fit of everything, so nothing about pacing, a refit and agreement. */
  readonly refit: boolean;
  /** How often everything is fitted anew. */
  readonly rounds: number;
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
  readonly refit?: RefitFigures;
  readonly peer?: PeerFigures;
  /** Why there are none of a peer that was asked for. */
  readonly peerFailure?: string;
  /** CPU of umap-learn and hdbscan one at a time and by thousands, over ours one at a time. */
  readonly timesFaster?: { readonly single: number; readonly batch: number };
}

/** One part in five of everything is held out. */
const HELD_OUT_PER_REFERENCE = 0.25;
/** As many are timed, one call after the other. */
const TIMED = 20_000;
const PEER_SINGLES = 200;

/**
 * Live assignment: places held-out glitches one call at a time under a model of the
 * others, then while everything is fitted anew, and compares with what that fit says.
 */
export async function benchAssign(options: AssignBenchOptions): Promise<AssignBenchResult> {
  const { count, dimension, python, signal } = options;
  runtimeGivesWayToLiveWork();
  const heldOut = Math.round(count * HELD_OUT_PER_REFERENCE);
  const { vectors, kindOfRow } = makeEmbeddings(count + heldOut, options);
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
  const own = await measureOwn(options, glitches, kindOfRow);
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
  kindOfRow: Int16Array,
): Promise<AssignBenchResult> {
  const { count, dimension } = options;
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
  const refit = options.refit
    ? await refitTrial(options, {
        fit,
        everything: storeOf(glitches, glitches.to),
        model,
        glitches,
        kindOfRow,
        rounds: options.rounds,
      })
    : undefined;
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
    ...(refit && { refit }),
  };
}
