import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { clustererConfigSchema, createClustererService } from '@glitchwatch/clusterer';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import { createGatewayService } from '@glitchwatch/gateway';
import { createIngestService, ingestConfigSchema } from '@glitchwatch/ingest';
import type { Glitch } from '@glitchwatch/proto';
import {
  createLogger,
  createRegistry,
  parseConfig,
  type Registry,
  systemClock,
} from '@glitchwatch/service-kit';
import { openWorkStores } from '../stores.js';
import { supplyGlitches } from './glitch-supply.js';
import { transportRate } from './transport-baseline.js';

export interface PipelineBenchOptions {
  readonly count: number;
  readonly seed: number;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

export interface PipelineBenchResult {
  readonly machine: string;
  readonly glitches: number;
  readonly glitchesPerSec: number;
  /** The bare log with the same messages, same run. */
  readonly transportPerSec: number;
  readonly ratio: number;
  readonly cpuMsPerGlitch: number;
  /** Sum of each stage's seconds over all glitches, in ms per glitch; stages overlap. */
  readonly stageMsPerGlitch: Readonly<Record<string, number>>;
  readonly peakRssMb: number;
}

const submitTogether = 100;

async function submitAll(
  submit: (glitches: readonly Glitch[]) => Promise<unknown>,
  glitches: readonly Glitch[],
  signal: AbortSignal,
): Promise<void> {
  for (let first = 0; first < glitches.length && !signal.aborted; first += submitTogether) {
    await submit(glitches.slice(first, first + submitTogether));
  }
}

async function untilAssigned(httpUrl: string, count: number, signal: AbortSignal): Promise<number> {
  let peakRss = 0;
  for (;;) {
    const answer = await fetch(`${httpUrl}/v1/status`, { signal });
    const { nAssigned } = (await answer.json()) as { nAssigned: number };
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    if (nAssigned >= count) return peakRss;
    await delay(25, undefined, { signal });
  }
}

/** The sums of every histogram named …_stage_seconds. */
async function stageSums(registry: Registry): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const metric of await registry.getMetricsAsJSON()) {
    const service = /^glitchwatch_(\w+)_stage_seconds$/.exec(metric.name)?.[1];
    if (service === undefined) continue;
    for (const value of metric.values) {
      if (!('metricName' in value) || value.metricName !== `${metric.name}_sum`) continue;
      const { stage } = value.labels as { stage?: string };
      sums.set(`${service} ${stage ?? ''}`.trim(), value.value);
    }
  }
  return sums;
}

/** All four services in this process over the embedded log; in goes a burst, out come assignments. */
export async function benchPipeline(options: PipelineBenchOptions): Promise<PipelineBenchResult> {
  const { count, seed, workDir, signal } = options;
  const glitches = await supplyGlitches(count, seed);
  const transportPerSec = await transportRate(glitches, workDir);
  const stores = await openWorkStores(workDir);
  const logger = createLogger({ name: 'bench', level: 'warn' });
  const registry = createRegistry();
  const context = { ...stores, logger, registry, clock: systemClock };
  const ingestValues = { http: { enabled: false }, grpc: { enabled: false } };
  const ingest = createIngestService(
    parseConfig(ingestConfigSchema, ingestValues, 'ingest'),
    context,
  );
  const embedder = createEmbedderService(
    parseConfig(embedderConfigSchema, { threads: availableParallelism() }, 'embedder'),
    context,
  );
  const clusterer = createClustererService(
    parseConfig(clustererConfigSchema, {}, 'clusterer'),
    context,
  );
  const gateway = createGatewayService({ httpPort: 0, grpcPort: 0 }, context);
  const services = [gateway, clusterer, embedder, ingest];
  try {
    for (const service of services) await service.start();
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    await submitAll((part) => ingest.submitGlitches(part), glitches, signal);
    const peakRss = await untilAssigned(gateway.httpUrl, count, signal);
    const seconds = (performance.now() - start) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    const sums = await stageSums(registry);
    return {
      machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
      glitches: count,
      glitchesPerSec: count / seconds,
      transportPerSec,
      ratio: count / seconds / transportPerSec,
      cpuMsPerGlitch: (cpu.user + cpu.system) / 1000 / count,
      stageMsPerGlitch: Object.fromEntries(
        [...sums].map(([name, sum]) => [name, (1000 * sum) / count]),
      ),
      peakRssMb: peakRss / 2 ** 20,
    };
  } finally {
    for (const service of services.reverse()) await service.stop();
    await stores.close();
  }
}
