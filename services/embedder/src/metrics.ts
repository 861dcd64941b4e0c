import type { LogRecord } from '@glitchwatch/event-log';
import { counter, gauge, histogram, type Logger, type Registry } from '@glitchwatch/service-kit';
import type { EmbedderEvents } from './embedder.js';
import type { GoldenEvents } from './golden/golden-check.js';
import type { Device } from './inference-protocol.js';

/** Each event writes its log line and its metric together, so they cannot disagree. */
export interface EmbedderTelemetry extends Required<EmbedderEvents>, GoldenEvents {
  embedded(count: number): void;
  deadLetter(record: LogRecord, code: string, reason: string): void;
  /** Encoding the embeddings of one batch of records; the log's own time is the log's metric. */
  publishing(seconds: number): void;
  /** One glitch explained: a few hundred runs of the network. */
  explained(seconds: number): void;
}

export function createTelemetry(
  registry: Registry,
  logger: Logger,
  requestedDevice: Device,
): EmbedderTelemetry {
  const glitches = counter(registry, {
    name: 'glitchwatch_embedder_glitches_total',
    help: 'Glitches embedded',
  });
  const errors = counter(registry, {
    name: 'glitchwatch_embedder_errors_total',
    help: 'Glitches that could not be embedded, and deaths of workers, by code',
    labelNames: ['code'],
  });
  const stages = histogram(registry, {
    name: 'glitchwatch_embedder_stage_seconds',
    help: 'Seconds that one glitch (publish: one batch of records) spends in a stage',
    labelNames: ['stage'],
  });
  const batches = histogram(registry, {
    name: 'glitchwatch_embedder_batch_glitches',
    help: 'Glitches that travelled to a worker together',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  });
  const deviceInfo = gauge(registry, {
    name: 'glitchwatch_embedder_device_info',
    help: '1 for the device in use; requested is the one asked for',
    labelNames: ['device', 'requested'],
  });
  const explanations = histogram(registry, {
    name: 'glitchwatch_embedder_explanation_seconds',
    help: 'Seconds in which one glitch was explained',
  });
  const starts = counter(registry, {
    name: 'glitchwatch_embedder_worker_starts_total',
    help: 'Inference workers started, the first ones included',
  });

  const golden = gauge(registry, {
    name: 'glitchwatch_embedder_golden_distance',
    help: 'Cosine distance of the golden embeddings from the first ones on this log',
    labelNames: ['statistic'],
  });

  return {
    onGoldenChecked({ max, mean }) {
      golden.set({ statistic: 'max' }, max);
      golden.set({ statistic: 'mean' }, mean);
      if (max > 0) logger.warn({ max, mean }, 'golden embeddings are not what they were at first');
    },
    onGoldenFailed(error) {
      errors.inc({ code: error.code });
      logger.error({ err: error }, 'golden glitches not checked');
    },
    onWorkerStart({ device, fallbackReason }) {
      starts.inc();
      deviceInfo.reset();
      deviceInfo.set({ device, requested: requestedDevice }, 1);
      if (fallbackReason !== undefined) {
        logger.error(
          { requested: requestedDevice, device, reason: fallbackReason },
          'inference device not available, running on the CPU instead',
        );
      }
    },
    onWorkerDeath(error, batchGlitches) {
      errors.inc({ code: error.code });
      logger.error({ err: error, batchGlitches }, 'inference worker died, trying its batch again');
    },
    onDispatch(waitedSec) {
      batches.observe(waitedSec.length);
      for (const seconds of waitedSec) stages.observe({ stage: 'queue' }, seconds);
    },
    onGlitchTimes({ decodeSec, inferenceSec }) {
      stages.observe({ stage: 'decode' }, decodeSec);
      stages.observe({ stage: 'inference' }, inferenceSec);
    },
    embedded(count) {
      glitches.inc(count);
    },
    deadLetter({ topic, partition, offset, key }, code, reason) {
      errors.inc({ code });
      const origin = { topic, partition, offset: String(offset), glitchId: key };
      logger.warn({ code, reason, ...origin }, 'glitch not embedded, kept as a dead letter');
    },
    explained(seconds) {
      explanations.observe(seconds);
    },
    publishing(seconds) {
      stages.observe({ stage: 'publish' }, seconds);
    },
  };
}
