import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { AssignmentDigest } from '@glitchwatch/clusterer';
import type { OutgoingRecord } from '@glitchwatch/event-log';
import { type EmbeddingPoolOptions, openEmbeddingPool } from './embedding-pool.js';
import { poolRecord } from './pool-records.js';
import { record } from './replay-recording.js';
import { type ReplayResult, replay } from './replay-run.js';
import { SyntheticEmbeddings } from './synthetic-embeddings.js';

export interface ReplayBenchOptions {
  readonly glitches: number;
  readonly refits: number;
  readonly replays: number;
  readonly kills: number;
  readonly seed: number;
  /** Absent: made-up vectors, for a run that need not wait for the network. */
  readonly pool?: Omit<EmbeddingPoolOptions, 'perClass' | 'seed' | 'signal'> | undefined;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

export interface ReplayFigures extends ReplayResult {
  readonly assignmentsPerSec: number;
  /** Time of the undisturbed replay over the time of this one. */
  readonly ratio: number;
  readonly isIdentical: boolean;
}

export interface ReplayBenchResult {
  readonly machine: string;
  readonly glitches: number;
  readonly models: number;
  readonly recorded: AssignmentDigest;
  readonly undisturbed: ReplayFigures;
  readonly disturbed: readonly ReplayFigures[];
}

const DIMENSION = 256;
const CLASSES = 24;

/**
 * Records a log of glitches and models once, replays it undisturbed and then with the
 * clusterer's processes killed, and compares what was assigned.
 */
export async function benchReplay(options: ReplayBenchOptions): Promise<ReplayBenchResult> {
  const { refits, replays, kills, seed, workDir, signal } = options;
  const embeddings = await embeddingsOf(options);
  const recording = await record(join(workDir, 'recorded'), embeddings, {
    fits: refits + 1,
    signal,
  });
  const run = (n: number) =>
    replay({
      recording,
      dataDir: join(workDir, `replay-${n}`),
      kills: n === 0 ? 0 : kills,
      seed: seed + n,
      signal,
    });
  const first = await run(0);
  const figures = (result: ReplayResult): ReplayFigures => ({
    ...result,
    assignmentsPerSec: result.digest.assignments / result.seconds,
    ratio: first.seconds / result.seconds,
    isIdentical: result.digest.sha256 === recording.digest.sha256,
  });
  const disturbed: ReplayFigures[] = [];
  for (let n = 1; n <= replays; n++) disturbed.push(figures(await run(n)));
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    glitches: embeddings.length,
    models: recording.activations.length,
    recorded: recording.digest,
    undisturbed: figures(first),
    disturbed,
  };
}

async function embeddingsOf({
  glitches,
  seed,
  pool,
  signal,
}: ReplayBenchOptions): Promise<OutgoingRecord[]> {
  if (pool === undefined) {
    const supply = new SyntheticEmbeddings({ seed, dimension: DIMENSION });
    return Array.from({ length: glitches }, () => supply.next());
  }
  const perClass = Math.ceil(glitches / CLASSES);
  const simulated = await openEmbeddingPool({ ...pool, perClass, seed, signal });
  return Array.from({ length: glitches }, (_, n) => poolRecord(simulated, n));
}
