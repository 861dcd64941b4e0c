import { resolve } from 'node:path';
import type { IngestConfig } from '../config.js';
import { IngestError, isTemporary } from '../errors.js';
import { expandFolders, isHdf5Name } from '../expand-folders.js';
import {
  type IngestProgress,
  type IngestReport,
  problemOf,
  ReportBuilder,
} from '../images/report.js';
import type { IngestMetrics } from '../ingest-metrics.js';
import { KNOWN_EVENTS, type KnownEvent } from '../known-events.js';
import { forEachBounded } from '../limiter.js';
import type { Pipeline } from '../pipeline.js';
import { watchFiles } from '../watch-files.js';
import type { ScanPool } from './scan-pool.js';
import { createScanSubmitter } from './scan-submitter.js';
import type { StrainSeries } from './strain-file.js';
import { createStrainLibrary, type SearchPart, type StrainChoice } from './strain-library.js';

/** Low enough for GW170104 (6.3 in each LIGO detector); weaker ones are as likely noise. */
export const DEFAULT_MIN_SNR = 6;

export interface IngestStrainOptions extends StrainChoice {
  /** Files and folders of HDF5. */
  readonly strain: readonly string[];
  readonly minSnr?: number | undefined;
  /** Besides those that are built in. */
  readonly knownEvents?: readonly KnownEvent[] | undefined;
  /** A folder to go on with until the signal aborts. */
  readonly watchDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined;
}

export interface ScanContext {
  readonly pipeline: Pipeline;
  readonly metrics: IngestMetrics;
  readonly pool: ScanPool;
  readonly config: IngestConfig['strain'];
}

const WATCH_TURN_MS = 60_000;

/**
 * Finds the transients in strain by our own Q-transform and brings them into the
 * log with their windows. Resolves when every accepted glitch is durable.
 *
 * @throws IngestError `unreadable_file`, `empty_folder`, `log_unavailable`, `disk_full`,
 *   `state_unavailable`: what concerns the whole run. Everything else is in the report.
 */
export async function ingestStrain(
  options: IngestStrainOptions,
  { pipeline, metrics, pool, config }: ScanContext,
): Promise<IngestReport> {
  const { ifo, channel, watchDir, minSnr = DEFAULT_MIN_SNR, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  const report = new ReportBuilder(metrics, config.maxReported);
  const library = createStrainLibrary({
    pool,
    choice: { ifo, channel },
    onProblem: (problem) => report.reject(problem),
  });
  const events = [...KNOWN_EVENTS, ...(options.knownEvents ?? [])];
  const submitter = createScanSubmitter({ pipeline, pool, report, events });
  const search = async (part: SearchPart): Promise<void> => {
    await submitter.submitPart(part, minSnr);
    onProgress?.(report.progress());
  };
  const add = async (file: string): Promise<readonly StrainSeries[]> => {
    try {
      return await library.add(file);
    } catch (error) {
      const problem = problemOf(error);
      if (isTemporary(problem.code)) throw error;
      report.reject(problem);
      return [];
    }
  };

  const files = await expandFolders(options.strain, isHdf5Name);
  if (files.length === 0 && watchDir === undefined) {
    throw new IngestError(
      'empty_folder',
      `${options.strain.join(', ')}: expected HDF5 files of strain; found none.`,
    );
  }
  // All files first: what lies at the end of one needs the next.
  const seen = new Set<string>();
  for (const file of files) {
    if (signal.aborted) break;
    await add(file);
    seen.add(resolve(file));
  }
  const limit = pool.size + 1;
  await forEachBounded(library.allParts(), { limit, signal }, search);
  if (watchDir !== undefined) {
    const watched = watchFiles({
      dirs: [watchDir],
      writeFinishMs: config.writeFinishMs,
      isWanted: isHdf5Name,
      everyMs: WATCH_TURN_MS,
      signal,
    });
    for await (const file of watched) {
      if (file === undefined || seen.delete(resolve(file))) continue;
      const series = await add(file);
      const parts = series.flatMap((each) => library.partsOf(each, { withTail: true }));
      await forEachBounded(parts, { limit, signal }, search);
    }
  }
  return report.finish(signal.aborted);
}
