import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '@glitchwatch/proto';
import { createLogger } from '@glitchwatch/service-kit';
import type { StoreSettings } from '@glitchwatch/stores';
import { CliError } from '../errors.js';
import { openStores, type Stores } from '../stores.js';
import type { SupplyBase } from './glitch-supply.js';
import { openStageHost, type StageHost } from './stage-host.js';
import {
  type FedTimes,
  type Feed,
  type ServiceName,
  type StageReport,
  serviceNames,
} from './stage-protocol.js';
import { type AssignmentWatch, watchAssignments } from './watch-assignments.js';

const lookEveryMs = 20;
/** So long without any progress ends the bench. */
const patienceMs = 180_000;

export type Layout = 'one' | 'each';

export interface PipelineRunOptions {
  readonly stores: StoreSettings;
  readonly layout: Layout;
  readonly threads: number;
  readonly standIn: boolean;
  /** False: ingest, embedder and gateway alone; glitches are followed to their embeddings. */
  readonly clusterer: boolean;
  readonly minFit: number;
  readonly bases: readonly SupplyBase[];
  readonly profileDir: string | undefined;
  readonly signal: AbortSignal;
}

export interface FeedResult extends FedTimes {
  /** When the last stage had each, by position in the feed; NaN where only the last is known. */
  readonly seenMs: Float64Array;
  readonly lastSeenMs: number;
  readonly startMs: number;
}

/** The services in processes of their own, fed and watched from this one. */
export interface PipelineRun {
  /** Feeds and waits until the last stage has all of it. */
  feed(feed: Feed, onProgress: (done: number) => void): Promise<FeedResult>;
  /** By process. */
  report(): Promise<Readonly<Record<string, StageReport>>>;
  close(): Promise<void>;
}

/** Starts them; what was started by then is stopped where one does not start. */
export async function openPipelineRun(options: PipelineRunOptions): Promise<PipelineRun> {
  const { layout, stores: settings, profileDir, signal } = options;
  const services = serviceNames.filter((name) => name !== 'clusterer' || options.clusterer);
  const groups: readonly (readonly ServiceName[])[] =
    layout === 'one' ? [services] : services.map((name) => [name]);
  const hosts: StageHost[] = [];
  let stores: Stores | undefined;
  let watch: AssignmentWatch | undefined;
  let failure: Error | undefined;
  const close = async (): Promise<void> => {
    watch?.close();
    for (const host of hosts.reverse()) await host.stop();
    await stores?.close();
  };
  try {
    stores = await openStores(settings, createLogger({ name: 'bench', level: 'warn' }));
    let grpcAddress: string | undefined;
    let httpUrl: string | undefined;
    for (const group of groups) {
      signal.throwIfAborted();
      const host = openStageHost(group.length > 1 ? 'all' : group[0]!, profileDir);
      hosts.push(host);
      const { threads, standIn, minFit, bases } = options;
      const setup = { services: group, stores: settings, threads, standIn, minFit, bases };
      const addresses = await host.start(setup);
      grpcAddress ??= addresses.grpcAddress;
      httpUrl ??= addresses.httpUrl;
    }
    if (grpcAddress === undefined || httpUrl === undefined) {
      throw new CliError('pipeline_failed', 'expected addresses of the gateway, found none');
    }
    if (options.clusterer) {
      watch = watchAssignments(grpcAddress, (error) => {
        failure = error;
      });
    }
    const { log } = stores;
    const gatewayUrl = httpUrl;
    /** Glitches that the last stage has had, the gateway's own count included. */
    const countDone = async (): Promise<number> => {
      if (watch !== undefined) return watch.count;
      const answer = await fetch(`${gatewayUrl}/v1/status`, { signal });
      const { nGlitches } = (await answer.json()) as { nGlitches: number };
      const partitions = await log.offsets(topics.embeddings);
      return Math.min(
        nGlitches,
        partitions.reduce((sum, { low, high }) => sum + Number(high - low), 0),
      );
    };
    const source = hosts.at(-1)!;
    return {
      close,
      async feed(feed, onProgress) {
        const startMs = performance.timeOrigin + performance.now();
        const fed = source.feed(feed);
        fed.catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
        });
        const wanted = feed.first + feed.count;
        let done = 0;
        let progressMs = performance.now();
        for (;;) {
          const count = await countDone();
          if (count > done) progressMs = performance.now();
          done = count;
          onProgress(Math.max(0, done - feed.first));
          if (done >= wanted) break;
          if (failure !== undefined) throw failure;
          if (performance.now() - progressMs > patienceMs) {
            throw new CliError(
              'pipeline_failed',
              `expected ${wanted} glitches at the end, found ${done} and none more in ${patienceMs / 1000} s`,
            );
          }
          await delay(lookEveryMs, undefined, { signal });
        }
        const lastLookMs = performance.timeOrigin + performance.now();
        const times = await fed;
        const seenMs = Float64Array.from(
          { length: feed.count },
          (_, i) => watch?.seenMs(feed.first + i) ?? Number.NaN,
        );
        const lastSeenMs =
          watch === undefined ? lastLookMs : seenMs.reduce((a, b) => Math.max(a, b));
        return { ...times, seenMs, lastSeenMs, startMs };
      },
      async report() {
        const reports = hosts.map(async (host) => [host.name, await host.report()] as const);
        return Object.fromEntries(await Promise.all(reports));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
