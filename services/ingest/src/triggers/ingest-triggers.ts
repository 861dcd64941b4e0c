import { resolve } from 'node:path';
import type { Trigger } from '@glitchwatch/proto';
import type { Clock } from '@glitchwatch/service-kit';
import { IngestError, isTemporary } from '../errors.js';
import { expandFolders, isHdf5Name } from '../expand-folders.js';
import {
  type IngestProgress,
  type IngestReport,
  problemOf,
  ReportBuilder,
} from '../images/report.js';
import { KNOWN_EVENTS, type KnownEvent } from '../known-events.js';
import { forEachBounded } from '../limiter.js';
import type { ScanContext } from '../strain/ingest-strain.js';
import { blocksOf, createScanSubmitter, type ScanSubmitter } from '../strain/scan-submitter.js';
import {
  createStrainLibrary,
  type StrainChannel,
  type StrainLibrary,
} from '../strain/strain-library.js';
import { watchFiles } from '../watch-files.js';
import { clusterTriggers } from './cluster-triggers.js';
import { readTriggers } from './read-triggers.js';
import { createWaitingTriggers, type WaitingTriggers } from './waiting-triggers.js';

/** Omicron's own clustering, and what its users take. */
export const DEFAULT_CLUSTER_SEC = 0.1;

export interface IngestTriggersOptions {
  /** Tables, and folders of them. */
  readonly triggers: readonly string[];
  /** HDF5 strain, files and folders. */
  readonly strain: readonly string[];
  /** Of tables that do not say. */
  readonly ifo?: string | undefined;
  readonly channel?: string | undefined;
  /** Weaker triggers are passed over; default 0. */
  readonly minSnr?: number | undefined;
  readonly clusterSec?: number | undefined;
  readonly knownEvents?: readonly KnownEvent[] | undefined;
  /** A folder of tables and strain to go on with until the signal aborts. */
  readonly watchDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined;
}

export interface TriggersContext extends ScanContext {
  readonly clock: Clock;
}

/** Until strain covers so much on both sides, a trigger that may wait does. */
const MARGIN_NS = 3_250_000_000n;
/** How often a watch looks whether a trigger has waited too long. */
const WATCH_TURN_MS = 1_000;
const TABLE_NAMES = /\.(xml|xml\.gz|csv|txt|h5|hdf|hdf5)$/i;

/**
 * Triggers of other pipelines, scanned in strain. Triggers of a file are clustered in
 * time first. With a folder that is watched, a trigger whose strain is not there yet
 * waits for it; without, it is refused.
 *
 * @throws IngestError `unreadable_file`, `empty_folder`, `log_unavailable`, `disk_full`,
 *   `state_unavailable`: what concerns the whole run. Everything else is in the report.
 */
export async function ingestTriggers(
  options: IngestTriggersOptions,
  context: TriggersContext,
): Promise<IngestReport> {
  const { watchDir } = options;
  const signal = options.signal ?? new AbortController().signal;
  const run = new TriggerRun(options, context, signal);
  const tables = await expandFolders(options.triggers, (file) => TABLE_NAMES.test(file));
  const strain = await expandFolders(options.strain, isHdf5Name);
  if (tables.length === 0 && watchDir === undefined) {
    throw new IngestError(
      'empty_folder',
      `${options.triggers.join(', ')}: expected tables of triggers; found none.`,
    );
  }
  for (const file of strain) {
    if (!signal.aborted) await run.addStrain(file);
  }
  const triggers: Trigger[] = [];
  for (const file of tables) {
    if (!signal.aborted) triggers.push(...(await run.readTable(file)));
  }
  if (watchDir === undefined) await run.scanOrRefuse(triggers);
  else await run.watch(watchDir, triggers, [...strain, ...tables]);
  return run.finish();
}

class TriggerRun {
  readonly #report: ReportBuilder;
  readonly #library: StrainLibrary;
  readonly #submitter: ScanSubmitter;
  readonly #waiting: WaitingTriggers;

  constructor(
    private readonly options: IngestTriggersOptions,
    private readonly context: TriggersContext,
    private readonly signal: AbortSignal,
  ) {
    const { pipeline, metrics, pool, config } = context;
    const report = new ReportBuilder(metrics, config.maxReported);
    this.#report = report;
    this.#library = createStrainLibrary({
      pool,
      choice: {},
      onProblem: (problem) => report.warn(problem),
    });
    const events = [...KNOWN_EVENTS, ...(options.knownEvents ?? [])];
    this.#submitter = createScanSubmitter({ pipeline, pool, report, events });
    this.#waiting = createWaitingTriggers({
      maxCount: config.maxWaiting,
      maxWaitMs: config.maxWaitMs,
      onCrowdedOut: (trigger) =>
        this.#refuse(trigger, `${config.maxWaiting} others wait for theirs`),
    });
  }

  finish(): IngestReport {
    return this.#report.finish(this.signal.aborted);
  }

  async addStrain(file: string): Promise<boolean> {
    try {
      await this.#library.add(file);
      return true;
    } catch (error) {
      this.#rejected(error);
      return false;
    }
  }

  /** Clustered, and without those that are too weak. */
  async readTable(file: string): Promise<Trigger[]> {
    const { ifo, channel, minSnr = 0, clusterSec = DEFAULT_CLUSTER_SEC } = this.options;
    try {
      const all = await readTriggers({
        file,
        ifo,
        channel,
        pool: this.context.pool,
        onRejected: (problem) => this.#report.reject(problem),
      });
      const strong = all.filter(({ snr }) => (snr ?? 0) >= minSnr);
      const clusters = clusterTriggers(strong, clusterSec);
      this.#report.glitchesFound += clusters.length;
      return clusters;
    } catch (error) {
      this.#rejected(error);
      return [];
    }
  }

  async scanOrRefuse(triggers: readonly Trigger[]): Promise<void> {
    for (const trigger of triggers) {
      if (this.#channelOf(trigger) === undefined) this.#refuse(trigger, 'none in the files given');
    }
    await this.#scan(triggers);
  }

  async watch(dir: string, first: readonly Trigger[], known: readonly string[]): Promise<void> {
    const { clock, config } = this.context;
    const seen = new Set(known.map((file) => resolve(file)));
    for (const trigger of first) this.#waiting.add(trigger, clock.nowMs());
    await this.#scanReady();
    const files = watchFiles({
      dirs: [dir],
      writeFinishMs: config.writeFinishMs,
      isWanted: (file) => TABLE_NAMES.test(file),
      everyMs: WATCH_TURN_MS,
      signal: this.signal,
    });
    for await (const file of files) {
      if (file !== undefined && !seen.delete(resolve(file))) await this.#take(file);
      await this.#scanReady();
      await this.scanOrRefuse(this.#waiting.expire(clock.nowMs()));
    }
    await this.scanOrRefuse(this.#waiting.drain());
  }

  /** HDF5 may be either: what is no strain is read as a table. */
  async #take(file: string): Promise<void> {
    if (isHdf5Name(file)) {
      try {
        await this.#library.add(file);
        return;
      } catch (error) {
        const problem = problemOf(error);
        if (problem.code !== 'bad_strain') throw error;
        const isTable = await this.context.pool.readTable(file).then(
          () => true,
          () => false,
        );
        // Neither: as strain it says what is wrong with it.
        if (!isTable) {
          this.#report.reject(problem);
          return;
        }
      }
    }
    for (const trigger of await this.readTable(file)) {
      this.#waiting.add(trigger, this.context.clock.nowMs());
    }
  }

  async #scanReady(): Promise<void> {
    await this.#scan(this.#waiting.take((trigger) => this.#isCovered(trigger)));
  }

  async #scan(triggers: readonly Trigger[]): Promise<void> {
    const blocks = blocksOf(triggers, (trigger) => this.#channelOf(trigger));
    const limit = this.context.pool.size + 1;
    // A watch that ends still scans what was ready.
    const signal = this.options.watchDir === undefined ? this.signal : new AbortController().signal;
    await forEachBounded(blocks, { limit, signal }, async (block) => {
      await this.#submitter.submitBlock(block);
      this.options.onProgress?.(this.#report.progress());
    });
  }

  #channelOf({ ifo, peakGpsNs, channel }: Trigger): StrainChannel | undefined {
    return peakGpsNs === undefined ? undefined : this.#library.channelAt(ifo, peakGpsNs, channel);
  }

  #isCovered(trigger: Trigger): boolean {
    const { ifo, peakGpsNs, channel } = trigger;
    const held = this.#channelOf(trigger);
    if (held === undefined || peakGpsNs === undefined) return false;
    return [-MARGIN_NS, MARGIN_NS].every(
      (margin) => this.#library.channelAt(ifo, peakGpsNs + margin, channel) === held,
    );
  }

  #refuse({ ifo, peakGpsNs = 0n }: Trigger, found: string): void {
    const at = `${peakGpsNs / 1_000_000_000n}.${String(peakGpsNs % 1_000_000_000n).padStart(9, '0')}`;
    const message = `Trigger of ${ifo} at GPS ${at}: expected strain at that time; found ${found}.`;
    this.#report.reject({ code: 'no_strain', message });
    this.#report.glitchesDone += 1;
  }

  #rejected(error: unknown): void {
    const problem = problemOf(error);
    if (isTemporary(problem.code)) throw error;
    this.#report.reject(problem);
  }
}
