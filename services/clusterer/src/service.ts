import { consumeWithDeadLetters, EventLogError, type GroupConsumer } from '@glitchwatch/event-log';
import { topicLayouts, topics } from '@glitchwatch/proto';
import { type Readiness, type Service, trackLag } from '@glitchwatch/service-kit';
import { Clusterer } from './clusterer.js';
import type { ClustererConfig } from './config.js';
import type { ClustererContext } from './context.js';
import { ClustererError } from './errors.js';
import { createClustererMetrics } from './metrics.js';
import { type FitReport, RefitLoop } from './refit-loop.js';

export interface ClustererStatus {
  /** Glitches in the reference store. */
  readonly knownGlitches: number;
  /** Undefined before the first model. */
  readonly modelVersion: number | undefined;
  readonly nFamilies: number;
  readonly openAlerts: number;
  readonly newSinceFit: number;
  readonly isFitting: boolean;
}

export interface ClustererService extends Service {
  /** See RefitLoop.fitNow. */
  fitNow(): Promise<FitReport>;
  status(): ClustererStatus;
}

const LAG_EVERY_MS = 5_000;

/** Consumes embeddings, keeps a model of them, appends assignments, models and alerts. */
export function createClustererService(
  config: ClustererConfig,
  context: ClustererContext,
): ClustererService {
  const { log, logger, registry, clock } = context;
  const metrics = createClustererMetrics(registry, logger, () => clock.nowMs());
  const stopping = new AbortController();
  const { signal } = stopping;
  const clusterer = new Clusterer(config, context, metrics);
  const refits = new RefitLoop({ clusterer, config, context, metrics, signal });
  let consumer: GroupConsumer | undefined;
  let background: readonly Promise<void>[] = [];
  let state: 'new' | 'starting' | 'running' | 'stopped' = 'new';

  async function start(): Promise<void> {
    state = 'starting';
    await log.ensureTopics(topicLayouts);
    await clusterer.recover();
    if (signal.aborted) return;
    consumer = await consumeWithDeadLetters(log, {
      groupId: config.groupId,
      topics: [topics.embeddings],
      maxBatchRecords: config.maxBatchRecords,
      process: async (records) => {
        const outcomes = await clusterer.handle(records);
        refits.fitIfDue();
        return outcomes;
      },
      onDeadLetter: (_record, code, message) => metrics.poison(code, message),
      onError: (error, batch) => {
        clusterer.noticeFailure(batch);
        metrics.failed(error instanceof EventLogError ? error.code : 'internal', error);
      },
    });
    background = [
      clusterer.assignMissing(signal),
      refits.run(),
      clusterer.followModels(signal),
      trackLag(log, registry, config.groupId, [topics.embeddings], LAG_EVERY_MS, signal),
    ];
    state = 'running';
  }

  async function stop(): Promise<void> {
    state = 'stopped';
    stopping.abort();
    await consumer?.stop();
    await Promise.all(background);
  }

  function readiness(): Readiness {
    const { store, model } = clusterer;
    if (state !== 'running') return { ready: false, detail: `clusterer is ${state}` };
    const known = `${store.size} glitches known`;
    return {
      ready: true,
      detail:
        model === undefined
          ? `${known}; the first model comes at ${config.minFit}`
          : `${known}; model ${model.version} with ${model.fit.families.length} families`,
    };
  }

  return {
    name: 'clusterer',
    start,
    stop,
    readiness,
    async fitNow() {
      if (state !== 'running')
        throw new ClustererError('not_started', `Fit: the clusterer is ${state}, not running`);
      return await refits.fitNow();
    },
    status: () => ({
      knownGlitches: clusterer.store.size,
      modelVersion: clusterer.model?.version,
      nFamilies: clusterer.model?.fit.families.length ?? 0,
      openAlerts: clusterer.openAlerts,
      newSinceFit: clusterer.newSinceFit,
      isFitting: refits.isFitting,
    }),
  };
}
