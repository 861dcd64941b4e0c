import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  fitHdbscan,
  fitUmapInParallel,
  type Matrix,
  openGrowingUmap,
  type ParallelUmapModel,
} from '@glitchwatch/numerics';
import { readMatrix, readNpy, writeNpy } from '../npy.js';
import { featureSheets } from './feature-sheets.js';
import { type FitPeer, runFitPeer } from './fit-peer.js';
import { kindAgreement, sampledRecall, sampledTrust } from './fit-quality.js';

export interface FitBenchOptions {
  /** A .npy of float32; made where absent. */
  readonly embeddings?: string;
  /** A .npy of whole numbers, the kind of each row, -1 for none. */
  readonly kinds?: string;
  readonly rows: number;
  readonly dimension: number;
  readonly runs: number;
  readonly minClusterSize: number;
  readonly recallRows: number;
  readonly threads?: number;
  /** False: cold fits alone. */
  readonly warm: boolean;
  /** A Python with umap-learn and hdbscan. */
  readonly python?: string;
  /** Seeds of umap-learn, from 42 on as ours. */
  readonly peerRuns: number;
  readonly signal: AbortSignal;
}

/** One fit with its clusters. */
export interface TimedFit {
  readonly totalSec: number;
  /** Of all threads. */
  readonly cpuSec: number;
  readonly umapSec: number;
  readonly hdbscanSec: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly trust: number;
  readonly families: number;
  readonly agreement: number | undefined;
}

export interface PeerFit extends FitPeer {
  /** Of each seed, as `families` and `agreements`. */
  readonly seededTrusts: readonly number[];
  readonly parallelTrust: number;
  readonly families: readonly number[];
  readonly agreements: readonly number[] | undefined;
}

export interface FitBenchResult {
  readonly machine: string;
  readonly load: number;
  readonly rows: number;
  readonly dimension: number;
  readonly recall: number;
  readonly peakRssMb: number;
  /** Fastest first; one seed each, from 42 on. */
  readonly cold: readonly TimedFit[];
  /** The last tenth of the rows came after the fit. Fastest first. */
  readonly warm: readonly TimedFit[];
  readonly peer: PeerFit | undefined;
}

/** Cold and warm fits and, where a Python is given, umap-learn's, one after the other in one run. */
export async function benchFit(options: FitBenchOptions): Promise<FitBenchResult> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-fit-'));
  try {
    const points = await pointsOf(options);
    const kinds = options.kinds === undefined ? undefined : await kindsOf(options.kinds);
    const own = new OwnFits(points, kinds, options);
    const cold: TimedFit[] = [];
    const warm: TimedFit[] = [];
    for (let run = 0; run < options.runs; run++) cold.push(await own.cold(42 + run));
    for (let run = 0; options.warm && run < options.runs; run++)
      warm.push(await own.warm(42 + run));
    const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const peer = await peerOf(points, kinds, workDir, options);
    return {
      machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
      load: loadavg()[0] ?? 0,
      rows: points.rows,
      dimension: points.cols,
      recall: own.recall,
      peakRssMb,
      cold: cold.sort((a, b) => a.totalSec - b.totalSec),
      warm: warm.sort((a, b) => a.totalSec - b.totalSec),
      peer,
    };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Fits of one matrix, and what they are worth. */
export class OwnFits {
  recall = 0;
  readonly #points: Matrix;
  readonly #kinds: ArrayLike<number> | undefined;
  readonly #options: FitBenchOptions;

  constructor(points: Matrix, kinds: ArrayLike<number> | undefined, options: FitBenchOptions) {
    this.#points = points;
    this.#kinds = kinds;
    this.#options = options;
  }

  async cold(seed: number): Promise<TimedFit> {
    return this.#timed(() => fitUmapInParallel(this.#points, this.#umapOptions(seed)));
  }

  async warm(seed: number): Promise<TimedFit> {
    const { rows, cols, data } = this.#points;
    const before = Math.round(rows / 1.1);
    const first = { rows: before, cols, data: data.subarray(0, before * cols) };
    const added = { rows: rows - before, cols, data: data.subarray(before * cols) };
    const growing = await openGrowingUmap(first, rows, this.#umapOptions(seed));
    try {
      return await this.#timed(() => growing.grow(added));
    } finally {
      await growing.close();
    }
  }

  #umapOptions(seed: number) {
    const { threads, signal } = this.#options;
    const given = threads === undefined ? {} : { threads };
    return { metric: 'cosine', randomState: seed, signal, ...given } as const;
  }

  async #timed(fit: () => Promise<ParallelUmapModel>): Promise<TimedFit> {
    const { minClusterSize, recallRows } = this.#options;
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { embedding, knn, secondsByStage } = await fit();
    const laidOut = performance.now();
    const map = { rows: this.#points.rows, cols: 2, data: embedding };
    const { labels, clusterPersistence } = fitHdbscan(map, { minClusterSize });
    const end = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    if (this.recall === 0) this.recall = sampledRecall(this.#points, knn, recallRows);
    return {
      totalSec: (end - start) / 1000,
      cpuSec: (user + system) / 1e6,
      umapSec: (laidOut - start) / 1000,
      hdbscanSec: (end - laidOut) / 1000,
      stages: secondsByStage,
      trust: sampledTrust(this.#points, embedding, TRUST_ROWS),
      families: clusterPersistence.length,
      agreement: this.#kinds && kindAgreement(this.#kinds, labels),
    };
  }
}

const TRUST_ROWS = 3000;

async function pointsOf({ embeddings, rows, dimension }: FitBenchOptions): Promise<Matrix> {
  if (embeddings === undefined) return featureSheets(rows, dimension, 1);
  const matrix = await readMatrix(embeddings);
  const { data } = matrix;
  return { ...matrix, data: data instanceof Float32Array ? data : new Float32Array(data) };
}

async function kindsOf(path: string): Promise<Int32Array> {
  return Int32Array.from((await readNpy(path)).data, Number);
}

async function peerOf(
  points: Matrix,
  kinds: ArrayLike<number> | undefined,
  workDir: string,
  { python, minClusterSize, peerRuns, signal }: FitBenchOptions,
): Promise<PeerFit | undefined> {
  if (python === undefined) return undefined;
  const matrix = join(workDir, 'rows.npy');
  await writeNpy(matrix, { shape: [points.rows, points.cols], data: points.data });
  const run = { matrix, outDir: workDir, minClusterSize, runs: peerRuns };
  const peer = await runFitPeer(python, run, signal);
  const trustOf = async (name: string) => {
    const { data } = await readMatrix(join(workDir, name));
    return sampledTrust(points, Float32Array.from(data), TRUST_ROWS);
  };
  const seededTrusts: number[] = [];
  const labels: Int32Array[] = [];
  for (let seed = 0; seed < peerRuns; seed++) {
    seededTrusts.push(await trustOf(`seeded-${seed}.npy`));
    labels.push(await kindsOf(join(workDir, `labels-${seed}.npy`)));
  }
  return {
    ...peer,
    seededTrusts,
    parallelTrust: await trustOf('parallel.npy'),
    families: labels.map((one) => new Set(one).size - (one.includes(-1) ? 1 : 0)),
    agreements: kinds && labels.map((one) => kindAgreement(kinds, one)),
  };
}
