import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clustererConfigSchema, createClustererService } from '@glitchwatch/clusterer';
import { Assignment, topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { CliError } from '../errors.js';
import { openWorkStores, type Stores } from '../stores.js';
import { killProcess, startClusterer } from './clusterer-process.js';
import { SyntheticEmbeddings } from './synthetic-embeddings.js';

const roles = ['assign', 'both'] as const;
type Role = (typeof roles)[number];

export interface RestartBenchOptions {
  readonly count: number;
  readonly dimension: number;
  readonly seed: number;
  readonly runs: number;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

/** Medians over the runs, of a process of its own. */
export interface RestartFigures {
  /** From the start of the process to the first assignment on the log. */
  readonly firstAssignmentSec: number;
  /** CPU seconds of the process until then, where the system tells. */
  readonly cpuSec: number | null;
}

export interface RestartBenchResult {
  readonly machine: string;
  readonly glitches: number;
  readonly dimension: number;
  readonly fitSec: number;
  readonly snapshotMb: number;
  readonly byRole: Readonly<Record<Role, RestartFigures>>;
  /** The same command with nothing on the log, until it says that it is ready. */
  readonly emptyReadySec: number;
}

const APPEND_TOGETHER = 500;
const POLL_MS = 5;
const PATIENCE_MS = 120_000;
/** Few: how well the map is laid out says nothing about how soon it is read. */
const UMAP_EPOCHS = 50;

/**
 * How long after its start a clusterer gives its first assignment. A model is fitted
 * once to `count` glitches; then processes are started over that folder, one after the
 * other, with one glitch waiting for them, and killed.
 */
export async function benchRestart(options: RestartBenchOptions): Promise<RestartBenchResult> {
  const { count, dimension, seed, workDir } = options;
  const dataDir = join(workDir, 'data');
  const stores = await openWorkStores(dataDir);
  try {
    const supply = new SyntheticEmbeddings({ seed, dimension });
    for (let first = 0; first < count; first += APPEND_TOGETHER) {
      const length = Math.min(APPEND_TOGETHER, count - first);
      await stores.log.append(Array.from({ length }, () => supply.next()));
    }
    const { fitSec, snapshotMb } = await fitOnce(stores, count);
    const emptyReadySec = await median(options.runs, () => emptyStart(options));
    const byRole = {} as Record<Role, RestartFigures>;
    for (const role of roles) {
      const runs: RestartFigures[] = [];
      for (let run = 0; run < options.runs; run++)
        runs.push(await restart(stores, supply, { role, dataDir, signal: options.signal }));
      byRole[role] = {
        firstAssignmentSec: middle(runs.map(({ firstAssignmentSec }) => firstAssignmentSec)),
        cpuSec: runs.some(({ cpuSec }) => cpuSec === null)
          ? null
          : middle(runs.map(({ cpuSec }) => cpuSec ?? 0)),
      };
    }
    return {
      machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
      glitches: count,
      dimension,
      fitSec,
      snapshotMb,
      byRole,
      emptyReadySec,
    };
  } finally {
    await stores.close();
  }
}

async function fitOnce(stores: Stores, count: number) {
  const values = { automaticFits: false, maxReference: count + 1_000, umapEpochs: UMAP_EPOCHS };
  const service = createClustererService(parseConfig(clustererConfigSchema, values, 'clusterer'), {
    ...stores,
    logger: createLogger({ name: 'bench', level: 'warn' }),
    registry: createRegistry(),
    clock: systemClock,
  });
  await service.start();
  try {
    const { fitSec } = await service.fitNow();
    const [key] = await stores.blobs.list('models/');
    const snapshot = key === undefined ? new Uint8Array(0) : await stores.blobs.get(key);
    return { fitSec, snapshotMb: snapshot.length / 1e6 };
  } finally {
    await service.stop();
  }
}

async function restart(
  stores: Stores,
  supply: SyntheticEmbeddings,
  { role, dataDir, signal }: { role: Role; dataDir: string; signal: AbortSignal },
): Promise<RestartFigures> {
  const record = supply.next();
  const tail = new AbortController();
  const ends = await stores.log.offsets(topics.assignments);
  const from = new Map(ends.map(({ partition, high }) => [partition, high]));
  await stores.log.append([record]);
  const started = performance.now();
  const child = startClusterer(dataDir, role);
  const timeout = AbortSignal.any([tail.signal, signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    for await (const batch of stores.log.tail({
      topic: topics.assignments,
      from,
      signal: timeout,
    })) {
      const ids = batch.records.map(({ value }) => Assignment.decode(value).glitchId);
      if (!ids.includes(record.key ?? '')) continue;
      const firstAssignmentSec = (performance.now() - started) / 1_000;
      return { firstAssignmentSec, cpuSec: await cpuSecondsOf(child) };
    }
    throw new CliError(
      'pipeline_failed',
      `no assignment within ${PATIENCE_MS / 1_000} s of the start`,
    );
  } finally {
    tail.abort();
    await killProcess(child);
  }
}

async function emptyStart({ workDir, signal }: RestartBenchOptions): Promise<number> {
  const dataDir = join(workDir, 'empty');
  await mkdir(dataDir, { recursive: true });
  const started = performance.now();
  const child = startClusterer(dataDir, 'both');
  try {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    while (!said.includes('service started')) {
      if (performance.now() - started > PATIENCE_MS)
        throw new CliError('pipeline_failed', `a clusterer without data did not start: ${said}`);
      await delay(POLL_MS, undefined, { signal });
    }
    return (performance.now() - started) / 1_000;
  } finally {
    await killProcess(child);
    await rm(dataDir, { recursive: true, force: true });
  }
}

const TICKS_PER_SEC = 100;

/** Linux tells it of any process; elsewhere null. */
async function cpuSecondsOf({ pid }: ChildProcess): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
  } catch {
    // No /proc: the wall time stands alone.
    return null;
  }
}

async function median(runs: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return middle(values);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
