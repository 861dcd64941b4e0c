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
import { type IngestStrainOptions, ingestStrain } from './strain/ingest-strain.js';
import { createScanPool } from './strain/scan-pool.js';
import { type SubmitReport, submitGlitches } from './submit-glitches.js';
import { type IngestTriggersOptions, ingestTriggers } from './triggers/ingest-triggers.js';

/**
 * How often the dedupe window is looked after: the most that a restart after a crash
 * reads again, and the longest that the loss of the state store goes unnoticed.
 */
const KEEP_IN_STEP_MS = 1_000;

/** Everything that brings glitches into the log, without any server. */
export interface Ingestor {
  ingestImages(options: IngestImagesOptions): Promise<IngestReport>;
  /** Transients that our own Q-transform finds in strain. */
  ingestStrain(options: IngestStrainOptions): Promise<IngestReport>;
  /** Triggers of other pipelines, scanned in strain. */
  ingestTriggers(options: IngestTriggersOptions): Promise<IngestReport>;
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
 * with a new state store that reads the whole of glitch.triggers, with one that is
 * away it is done later. `stopSignal` cuts the reading short.
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
    metrics,
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
  const stopKeeping = keepInStep(ledger, logger);
  const pool = createScanPool({ size: config.strain.threads });
  const runs = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  /** A run that closing ends, and waits for. */
  async function owned<Options extends { readonly signal?: AbortSignal | undefined }>(
    options: Options,
    work: (options: Options) => Promise<IngestReport>,
  ): Promise<IngestReport> {
    if (closed !== undefined) throw stopped();
    const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]);
    const run = work({ ...options, signal });
    const settled = run.catch(() => undefined).finally(() => runs.delete(settled));
    runs.add(settled);
    return run;
  }

  return {
    wire: {
      pipeline,
      decoder,
      metrics,
      deadLetters,
      maxPictureBytes: config.images.maxPictureBytes,
    },
    ingestImages: (options) =>
      owned(options, (owning) =>
        ingestImages(owning, { pipeline, decoder, metrics, config: config.images }),
      ),
    ingestStrain: (options) =>
      owned(options, (owning) =>
        ingestStrain(owning, { pipeline, metrics, pool, config: config.strain }),
      ),
    ingestTriggers: (options) =>
      owned(options, (owning) =>
        ingestTriggers(owning, { pipeline, metrics, pool, clock, config: config.strain }),
      ),
    async submitGlitches(glitches) {
      if (closed !== undefined) throw stopped();
      return submitGlitches(glitches, pipeline);
    },
    close() {
      closed ??= (async () => {
        closing.abort();
        await Promise.all(runs);
        await appender.drained();
        await stopKeeping();
        await Promise.all([decoder.close(), pool.close()]);
      })();
      return closed;
    },
  };
}

/** Looks after the dedupe window, one turn at a time; returns how to stop, which takes one more turn. */
function keepInStep(ledger: Ledger, logger: Logger): () => Promise<void> {
  let running: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    try {
      await ledger.keepInStep();
    } catch (error) {
      // The old cursor stays: the next turn, or the next start, reads a little more of the log.
      logger.warn({ err: error }, 'the dedupe window could not be brought up to the log');
    } finally {
      running = undefined;
    }
  };
  const timer = setInterval(() => {
    running ??= turn();
  }, KEEP_IN_STEP_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
    await turn();
  };
}

function stopped(): IngestError {
  return new IngestError('stopped', 'Ingest is stopping.');
}
