import { counter, gauge, histogram, type Registry } from '@glitchwatch/service-kit';
import type { IngestErrorCode } from './errors.js';

export type IngestStage = 'decode' | 'dedupe' | 'append';

export interface IngestMetrics {
  accepted(ifo: string, source: string): void;
  duplicate(source: string): void;
  error(code: IngestErrorCode): void;
  /** False while duplicates may get through, because the dedupe window lags behind the log. */
  windowInStep(isInStep: boolean): void;
  /** Runs `work` and records how long it took. */
  time<T>(stage: IngestStage, work: () => Promise<T>): Promise<T>;
}

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const glitches = counter(registry, {
    name: 'glitchwatch_ingest_glitches_total',
    help: 'Glitches appended to the log',
    labelNames: ['ifo', 'source'],
  });
  const duplicates = counter(registry, {
    name: 'glitchwatch_ingest_duplicates_total',
    help: 'Glitches handed in again and not appended',
    labelNames: ['source'],
  });
  const errors = counter(registry, {
    name: 'glitchwatch_ingest_errors_total',
    help: 'Pictures, rows and glitches refused',
    labelNames: ['code'],
  });
  const stages = histogram(registry, {
    name: 'glitchwatch_ingest_stage_seconds',
    help: 'Time spent per stage: decode per picture (a file is read in it), dedupe and append per batch',
    labelNames: ['stage'],
  });
  const inStep = gauge(registry, {
    name: 'glitchwatch_ingest_dedupe_in_step',
    help: '1 where the dedupe window knows all that is in the log; 0 while duplicates may get through',
  });
  return {
    accepted: (ifo, source) => glitches.inc({ ifo, source }),
    duplicate: (source) => duplicates.inc({ source }),
    error: (code) => errors.inc({ code }),
    windowInStep: (isInStep) => inStep.set(isInStep ? 1 : 0),
    async time(stage, work) {
      const end = stages.startTimer({ stage });
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}
