import { counter, gauge, histogram, type Logger, type Registry } from '@glitchwatch/service-kit';
import type { EmbedderEvents } from './embedder.js';
import type { EmbedderError } from './errors.js';
import type { Device } from './inference-protocol.js';

/** Each event writes its log line and its metric together, so they cannot disagree. */
export interface EmbedderTelemetry extends Required<EmbedderEvents> {
  glitchEmbedded(count: number): void;
  glitchFailed(error: EmbedderError): void;
  publishing(seconds: number): void;
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
  const starts = counter(registry, {
    name: 'glitchwatch_embedder_worker_starts_total',
    help: 'Inference workers started, the first ones included',
  });

  return {
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
    glitchEmbedded(count) {
      glitches.inc(count);
    },
    glitchFailed(error) {
      errors.inc({ code: error.code });
      logger.warn(
        { code: error.code, glitchId: error.glitchId, reason: error.message },
        'glitch not embedded',
      );
    },
    publishing(seconds) {
      stages.observe({ stage: 'publish' }, seconds);
    },
  };
}
