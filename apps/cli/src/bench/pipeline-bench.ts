import { randomUUID } from 'node:crypto';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Glitch } from '@glitchwatch/proto';
import { type StoreSettings, storeSettingsSchema } from '@glitchwatch/stores';
import type { Progress } from '../progress.js';
import { bareEmbeddedLoop } from './bare-embedded.js';
import { bareKafkaLoop, removeFromKafka } from './bare-kafka.js';
import { type MeasuredCapacity, measureCapacity } from './capacity.js';
import { type SupplyBase, simulateBases, supplyGlitch } from './glitch-supply.js';
import { type BurstResult, type LatencyResult, Phases } from './phases.js';
import {
  type Layout,
  openPipelineRun,
  type PipelineRun,
  type PipelineRunOptions,
} from './pipeline-run.js';

export interface PipelineBenchOptions {
  /** On Kafka where `stores.kafka` is there, else embedded. */
  readonly stores: StoreSettings;
  readonly workDir: string;
  readonly layout: Layout;
  readonly threads: number;
  readonly glitches: number;
  readonly burst: number;
  readonly durationSec: number;
  readonly seed: number;
  readonly profileDir: string | undefined;
  readonly signal: AbortSignal;
  /** Called at the begin of each phase. */
  readonly startProgress: (label: string, total: number) => Progress;
}

export interface PipelineBenchResult {
  readonly machine: string;
  readonly loadAtStart: number;
  readonly loadAtEnd: number;
  readonly log: 'kafka' | 'embedded';
  readonly processes: Layout;
  readonly embedderThreads: number;
  readonly seed: number;
  readonly capacity: BurstResult;
  readonly latency: readonly LatencyResult[];
  readonly burst: BurstResult | undefined;
  /** Over the capacity phase, by process: CPU of all its threads in ms per glitch. */
  readonly cpuMsPerGlitch: Readonly<Record<string, number>>;
  /** Over the capacity phase: sum of the services' own stage histograms in ms per glitch. */
  readonly stageMsPerGlitch: Readonly<Record<string, number>>;
  /** By process, at the end. */
  readonly peakRssMb: Readonly<Record<string, number>>;
  /** The same burst with the stand-in for the network; CPU by process. */
  readonly withoutNetwork: BurstResult;
  readonly withoutNetworkCpuMs: Readonly<Record<string, number>>;
  /** And without the clusterer: up to the embedding in the log and the glitch at the gateway. */
  readonly transport: BurstResult;
  readonly transportCpuMs: Readonly<Record<string, number>>;
  readonly barePerSec: number;
  readonly ratioWithoutNetwork: number;
  readonly ratioTransport: number;
}

const latencyShares = [0.1, 0.5];
/** Glitches before the first model, and with it before anything is measured. */
const warmUpGlitches = 250;
const minFit = 200;
const bareGlitches = 4_000;

interface Bench {
  readonly options: PipelineBenchOptions;
  readonly bases: readonly SupplyBase[];
  /** Unlike any other run's, so that runs may share a cluster. */
  readonly prefix: string;
}

/**
 * Measures the four services under load, and in the same run the log alone. See
 * docs/benchmarks.md for what each figure includes.
 */
export async function benchPipeline(options: PipelineBenchOptions): Promise<PipelineBenchResult> {
  const { stores, glitches, seed, signal } = options;
  const loadAtStart = loadavg()[0]!;
  const simulating = options.startProgress('simulate', Math.min(200, glitches));
  const bases = await simulateBases(glitches, seed, (done) => simulating.update(done), signal);
  simulating.stop();
  const prefix = `${stores.kafka?.topicPrefix ?? ''}bench-${randomUUID().slice(0, 8)}.`;
  const bench: Bench = { options, bases, prefix };
  try {
    const barePerSec = await measureBareLog(bench);
    const transport = await shortRun(bench, 'transport', { standIn: true, clusterer: false });
    const withoutNetwork = await shortRun(bench, 'no network', { standIn: true, clusterer: true });
    const full = await fullRun(bench);
    return {
      machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
      loadAtStart,
      loadAtEnd: loadavg()[0]!,
      log: stores.kafka === undefined ? 'embedded' : 'kafka',
      processes: options.layout,
      embedderThreads: options.threads,
      seed,
      ...full,
      withoutNetwork: withoutNetwork.capacity,
      withoutNetworkCpuMs: withoutNetwork.cpuMsPerGlitch,
      transport: transport.capacity,
      transportCpuMs: transport.cpuMsPerGlitch,
      barePerSec,
      ratioWithoutNetwork: withoutNetwork.capacity.glitchesPerSec / barePerSec,
      ratioTransport: transport.capacity.glitchesPerSec / barePerSec,
    };
  } finally {
    if (stores.kafka !== undefined) await removeFromKafka(stores.kafka, prefix);
  }
}

async function measureBareLog({ options, bases, prefix }: Bench): Promise<number> {
  const count = Math.min(options.glitches, bareGlitches);
  const progress = options.startProgress('bare log', count);
  const values = Array.from({ length: count }, (_, i) =>
    Glitch.encode(supplyGlitch(bases, i)).finish(),
  );
  const { kafka } = options.stores;
  const loop = { values, warmUp: warmUpOf(options) };
  const rate =
    kafka === undefined
      ? await bareEmbeddedLoop({ ...loop, workDir: options.workDir })
      : await bareKafkaLoop(loop, kafka, `${prefix}bare`);
  progress.update(count);
  progress.stop();
  return rate;
}

type Variant = Pick<PipelineRunOptions, 'standIn' | 'clusterer'>;

/** Each run has a log of its own, empty at its start. */
function openRun(
  { options, bases, prefix }: Bench,
  name: string,
  variant: Variant,
): Promise<PipelineRun> {
  const { stores, layout, threads, workDir, profileDir, signal } = options;
  return openPipelineRun({
    ...variant,
    layout,
    threads,
    bases,
    minFit: Math.min(minFit, Math.ceil(0.8 * warmUpOf(options))),
    profileDir: variant.standIn ? undefined : profileDir,
    signal,
    stores: storeSettingsSchema.parse({
      ...stores,
      dataDir: join(workDir, name),
      ...(stores.kafka === undefined
        ? {}
        : { kafka: { ...stores.kafka, topicPrefix: `${prefix}${name}.` } }),
      ...(stores.redis === undefined
        ? {}
        : { redis: { ...stores.redis, keyPrefix: `${prefix}${name}.` } }),
    }),
  });
}

function warmUpOf({ glitches }: PipelineBenchOptions): number {
  return Math.min(warmUpGlitches, glitches);
}

/** Warm-up and capacity only. */
async function shortRun(bench: Bench, name: string, variant: Variant): Promise<MeasuredCapacity> {
  const run = await openRun(bench, name.replace(' ', '-'), variant);
  try {
    const phases = new Phases(run, bench.options);
    await phases.burst(name, warmUpOf(bench.options));
    return await measureCapacity(run, phases, bench.options.glitches);
  } finally {
    await run.close();
  }
}

async function fullRun(bench: Bench) {
  const { options } = bench;
  const run = await openRun(bench, 'pipeline', { standIn: false, clusterer: true });
  try {
    const phases = new Phases(run, options);
    await phases.burst('warm up', warmUpOf(options));
    const measured = await measureCapacity(run, phases, options.glitches);
    const latency: LatencyResult[] = [];
    if (options.durationSec > 0) {
      for (const share of latencyShares) {
        latency.push(await phases.latency(share, measured.capacity.glitchesPerSec));
      }
    }
    const burst = options.burst > 0 ? await phases.burst('burst', options.burst) : undefined;
    const reports = Object.entries(await run.report());
    return {
      ...measured,
      latency,
      burst,
      peakRssMb: Object.fromEntries(reports.map(([name, { peakRssMb }]) => [name, peakRssMb])),
    };
  } finally {
    await run.close();
  }
}
