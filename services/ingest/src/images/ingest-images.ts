import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngestConfig } from '../config.js';
import type { DecoderPool } from '../decoder-pool.js';
import { IngestError, isTemporary } from '../errors.js';
import type { IngestMetrics } from '../ingest-metrics.js';
import { createLimiter, forEachBounded } from '../limiter.js';
import type { Pipeline } from '../pipeline.js';
import { type GroupContext, ingestGroup } from './ingest-group.js';
import { type Metadata, readMetadataCsv } from './metadata-csv.js';
import { type IngestProgress, type IngestReport, ReportBuilder } from './report.js';
import { EXPECTED_NAME, type PictureGroup, requireFolder, scanFolder } from './scan-folder.js';
import { watchFolder } from './watch-folder.js';

const PATIENCE_MS = 5_000;

export interface IngestImagesOptions {
  readonly dir: string;
  readonly metadataCsv?: string | undefined;
  /** Goes on with what is added to the folder until the signal aborts. */
  readonly watch?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined;
}

export interface ImagesContext {
  readonly pipeline: Pipeline;
  readonly decoder: DecoderPool;
  readonly metrics: IngestMetrics;
  readonly config: IngestConfig['images'];
}

/**
 * Brings a folder of Gravity Spy pictures into the log. Resolves when every
 * accepted glitch is durable.
 *
 * @throws IngestError `no_such_folder`, `empty_folder`, `unreadable_file`,
 *   `bad_csv`, `missing_column`, `log_unavailable`, `disk_full`, `state_unavailable`: what
 *   concerns the whole run. Everything else is in the report. A watch waits for
 *   a log that is away.
 */
export async function ingestImages(
  options: IngestImagesOptions,
  { pipeline, decoder, metrics, config }: ImagesContext,
): Promise<IngestReport> {
  const { metadataCsv, onProgress } = options;
  const dir = resolve(options.dir);
  const signal = options.signal ?? new AbortController().signal;
  const report = new ReportBuilder(metrics, config.maxReported);
  await requireFolder(dir);

  const source = options.watch === true ? watching : finished;
  const { groups, metadata } = await source({ dir, metadataCsv, signal, report, config });
  const limit = config.concurrency ?? 2 * availableParallelism();
  const context = {
    pipeline,
    decoder,
    metrics,
    report,
    metadata,
    pictures: createLimiter(limit),
    maxPictureBytes: config.maxPictureBytes,
  };
  // A watch that ends still ingests what it had gathered; a finished folder just stops.
  const stopSignal = options.watch === true ? new AbortController().signal : signal;
  await forEachBounded(groups, { limit, signal: stopSignal }, async (group) => {
    if (options.watch === true) report.glitchesFound += 1;
    if (options.watch === true) await ingestPatiently(group, context, signal);
    else await ingestGroup(group, context);
    report.glitchesDone += 1;
    onProgress?.(report.progress());
  });
  return report.finish(signal.aborted);
}

/** Nobody stands by to start a watch again. */
async function ingestPatiently(
  group: PictureGroup,
  context: GroupContext,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await ingestGroup(group, context);
      return;
    } catch (error) {
      const isPassing = error instanceof IngestError && isTemporary(error.code);
      if (!isPassing || signal.aborted) throw error;
      await delay(PATIENCE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

interface SourceOptions {
  readonly dir: string;
  readonly metadataCsv: string | undefined;
  readonly signal: AbortSignal;
  readonly report: ReportBuilder;
  readonly config: IngestConfig['images'];
}

interface Source {
  readonly groups: Iterable<PictureGroup> | AsyncIterable<PictureGroup>;
  readonly metadata: Metadata | undefined;
}

async function finished({ dir, metadataCsv, report }: SourceOptions): Promise<Source> {
  const { groups, filesSeen } = await scanFolder(dir, (problem) => report.warn(problem));
  if (groups.length === 0) {
    throw new IngestError(
      'empty_folder',
      `${dir} holds no Gravity Spy picture: expected files named ${EXPECTED_NAME}; found ${filesSeen} other files.`,
      { file: dir },
    );
  }
  report.glitchesFound = groups.length;
  const keys = new Set(groups.map((group) => group.key));
  const metadata = await metadataOf(metadataCsv, report, (key) => keys.has(key));
  report.rowsWithoutPictures = metadata?.rowsNotKept ?? 0;
  return { groups, metadata };
}

/** Pictures of any row may still come, so every row is kept. */
async function watching({
  dir,
  metadataCsv,
  signal,
  report,
  config,
}: SourceOptions): Promise<Source> {
  const metadata = await metadataOf(metadataCsv, report, () => true);
  const onWarning = report.warn.bind(report);
  return { groups: watchFolder({ dir, config, signal, onWarning }), metadata };
}

async function metadataOf(
  file: string | undefined,
  report: ReportBuilder,
  keep: (key: string) => boolean,
): Promise<Metadata | undefined> {
  if (file === undefined) return undefined;
  return readMetadataCsv({
    file,
    keep,
    onRejected: (problem) => report.reject(problem),
    onWarning: (problem) => report.warn(problem),
  });
}
