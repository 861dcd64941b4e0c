import { type Glitch, topicLayouts } from '@glitchwatch/proto';
import type { Logger } from '@glitchwatch/service-kit';
import { createAppender } from './appender.js';
import type { IngestConfig } from './config.js';
import type { IngestContext } from './context.js';
import { createDeadLetters, INGEST_DEAD_LETTER_TOPIC } from './dead-letter.js';
import { createDecoderPool } from './decoder-pool.js';
import { IngestError } from './errors.js';
import type { WireContext } from './handlers/accept-request.js';
import { type IngestImagesOptions, ingestImages } from './images/ingest-images.js';
import type { IngestReport } from './images/report.js';
import { createIngestMetrics } from './ingest-metrics.js';
import { type Ledger, openLedger } from './ledger.js';
import { createPipeline } from './pipeline.js';
import { type SubmitReport, submitGlitches } from './submit-glitches.js';

/** How often the dedupe cursor is saved: the most that a restart after a crash reads again. */
const SAVE_CURSOR_MS = 1_000;

/** Everything that brings glitches into the log, without any server. */
export interface Ingestor {
  ingestImages(options: IngestImagesOptions): Promise<IngestReport>;
  /**
   * Glitches made in this process, with their grids encoded. Resolves when all
   * are durable. A source of its own is kept, else it says "simulator".
   *
   * @throws IngestError `log_unavailable`, `disk_full`, `state_unavailable` or `stopped`.
   */
  submitGlitches(glitches: readonly Glitch[]): Promise<SubmitReport>;
  /** What the servers need. */
  readonly wire: WireContext;
  /** Finishes what is under way, stops the folders that are watched. May be called twice. */
  close(): Promise<void>;
}

/**
 * Creates missing topics and brings the dedupe window up to the end of the log;
 * with a new state store that reads the whole of glitch.triggers. `stopSignal`
 * cuts the reading short.
 */
export async function openIngestor(
  config: IngestConfig,
  context: IngestContext,
  stopSignal?: AbortSignal,
): Promise<Ingestor> {
  const { log, state, logger, clock, registry } = context;
  const metrics = createIngestMetrics(registry);
  await log.ensureTopics([
    ...topicLayouts,
    { name: INGEST_DEAD_LETTER_TOPIC, partitions: 1, cleanup: 'delete' },
  ]);
  const closing = new AbortController();
  const ledger = await openLedger({
    log,
    state,
    logger,
    ttlMs: config.dedupeTtlMs,
    signal: AbortSignal.any([closing.signal, ...(stopSignal ? [stopSignal] : [])]),
  });
  const appender = createAppender({
    log,
    ledger,
    metrics,
    logger,
    config: config.append,
    signal: closing.signal,
  });
  const { maxGlitchBytes, maxDeadLetterBytes } = config;
  const pipeline = createPipeline({ appender, ledger, metrics, clock, maxGlitchBytes });
  const decoder = createDecoderPool();
  const deadLetters = createDeadLetters({ log, logger, clock, maxBytes: maxDeadLetterBytes });
  const stopSaving = keepSaving(ledger, logger);
  const folders = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  return {
    wire: {
      pipeline,
      decoder,
      metrics,
      deadLetters,
      maxPictureBytes: config.images.maxPictureBytes,
    },
    async ingestImages(options) {
      if (closed !== undefined) throw stopped();
      const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]);
      const run = ingestImages(
        { ...options, signal },
        { pipeline, decoder, metrics, config: config.images },
      );
      const settled = run.catch(() => undefined).finally(() => folders.delete(settled));
      folders.add(settled);
      return run;
    },
    async submitGlitches(glitches) {
      if (closed !== undefined) throw stopped();
      return submitGlitches(glitches, pipeline);
    },
    close() {
      closed ??= (async () => {
        closing.abort();
        await Promise.all(folders);
        await appender.drained();
        await stopSaving();
        await decoder.close();
      })();
      return closed;
    },
  };
}

/** Saves the cursor while it moves; returns how to stop, which saves once more. */
function keepSaving(ledger: Ledger, logger: Logger): () => Promise<void> {
  let saving = Promise.resolve();
  const save = (): Promise<void> => {
    saving = saving
      .then(() => ledger.saveCursor())
      .catch((error: unknown) => {
        // The old cursor stays: the next start reads a little more of the log.
        logger.warn({ err: error }, 'the dedupe cursor could not be saved');
      });
    return saving;
  };
  const timer = setInterval(() => void save(), SAVE_CURSOR_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    return save();
  };
}

function stopped(): IngestError {
  return new IngestError('stopped', 'Ingest is stopping.');
}
