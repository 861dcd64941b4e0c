import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClustererConfig,
  clustererConfigSchema,
  createClustererService,
  type FitReport,
} from '@glitchwatch/clusterer';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import {
  type IngestProgress,
  type IngestReport,
  ingestConfigSchema,
  openIngestor,
} from '@glitchwatch/ingest';
import { topics } from '@glitchwatch/proto';
import {
  createRegistry,
  type Logger,
  parseConfig,
  type ServiceContext,
  systemClock,
} from '@glitchwatch/service-kit';
import { CliError } from '../errors.js';
import { startProgress } from '../progress.js';
import type { Stores } from '../stores.js';

/** Where the glitches of a run come from. */
export type RunSource =
  | { readonly kind: 'images'; readonly dir: string; readonly metadata: string | undefined }
  | { readonly kind: 'strain'; readonly files: readonly string[]; readonly minSnr: number };

export interface OfflineOptions {
  readonly source: RunSource;
  readonly embedder: Readonly<Record<string, unknown>>;
  readonly clusterer: Partial<ClustererConfig>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told before the fit, which may fail for what was refused. */
  readonly onIngested: (report: IngestReport) => void;
}

export interface OfflineResult {
  readonly ingest: IngestReport;
  readonly fit: FitReport;
  /** Wall seconds by stage. */
  readonly secondsByStage: Readonly<Record<string, number>>;
}

const pollMs = 50;

async function totalLag({ log }: Stores, groupId: string, topic: string): Promise<number> {
  const parts = await log.lag(groupId, [topic]);
  return parts.reduce((sum, { lag }) => sum + Number(lag), 0);
}

/** Waits until a group has processed everything in a topic; a dead letter counts as processed. */
async function drain(
  stores: Stores,
  { groupId, topic, label }: { groupId: string; topic: string; label: string },
  signal: AbortSignal,
): Promise<void> {
  const start = await totalLag(stores, groupId, topic);
  const progress = startProgress(label, start);
  try {
    for (;;) {
      const lag = await totalLag(stores, groupId, topic);
      progress.update(Math.max(0, start - lag));
      if (lag === 0) return;
      await delay(pollMs, undefined, { signal });
    }
  } finally {
    progress.stop();
  }
}

async function ingestSource(
  stores: Stores,
  context: ServiceContext,
  { source, signal }: OfflineOptions,
): Promise<IngestReport> {
  const config = parseConfig(ingestConfigSchema, {}, 'ingest');
  const ingestor = await openIngestor(config, { ...context, state: stores.state });
  const progress = startProgress('ingest', 1);
  try {
    const onProgress = ({ glitchesDone, glitchesFound }: IngestProgress): void =>
      progress.update(glitchesDone, glitchesFound);
    if (source.kind === 'images') {
      const { dir, metadata } = source;
      return await ingestor.ingestImages({ dir, metadataCsv: metadata, signal, onProgress });
    }
    const { files, minSnr } = source;
    return await ingestor.ingestStrain({ strain: files, minSnr, signal, onProgress });
  } finally {
    progress.stop();
    await ingestor.close();
  }
}

/** Of fewer than two glitches there is no map. */
function requireGlitches({ accepted, duplicates }: IngestReport, source: RunSource): void {
  const found = accepted + duplicates;
  if (found >= 2) return;
  const [where, what] =
    source.kind === 'images'
      ? [source.dir, 'readable glitches']
      : [source.files.join(', '), `transients of SNR ${source.minSnr} or more`];
  throw new CliError('nothing_to_do', `${where}: expected at least 2 ${what}, found ${found}`);
}

/**
 * The live services over a finished folder: everything is ingested and embedded,
 * then one model is fitted to all of it.
 */
export async function runOffline(stores: Stores, options: OfflineOptions): Promise<OfflineResult> {
  const { logger, signal } = options;
  const context = { ...stores, logger, registry: createRegistry(), clock: systemClock };
  const embedderConfig = parseConfig(embedderConfigSchema, options.embedder, 'embedder');
  const clustererConfig = parseConfig(
    clustererConfigSchema,
    { ...options.clusterer, automaticFits: false },
    'clusterer',
  );
  const clusterer = createClustererService(clustererConfig, context);
  const embedder = createEmbedderService(embedderConfig, context);
  const secondsByStage: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    secondsByStage[stage] = (performance.now() - start) / 1000;
    return result;
  };
  try {
    await clusterer.start();
    await embedder.start();
    const ingest = await timed('ingest', () => ingestSource(stores, context, options));
    signal.throwIfAborted();
    options.onIngested(ingest);
    requireGlitches(ingest, options.source);
    await timed('embed', async () => {
      const { triggers, embeddings } = topics;
      await drain(
        stores,
        { groupId: embedderConfig.groupId, topic: triggers, label: 'embed' },
        signal,
      );
      const groupId = clustererConfig.groupId;
      await drain(stores, { groupId, topic: embeddings, label: 'collect' }, signal);
    });
    const fit = await timed('fit', () => clusterer.fitNow());
    return { ingest, fit, secondsByStage };
  } finally {
    await embedder.stop();
    await clusterer.stop();
  }
}
