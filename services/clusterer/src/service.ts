import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { topicLayouts, topics } from '@glitchwatch/proto';
import { type Readiness, type Service, trackLag } from '@glitchwatch/service-kit';
import { startAssigning } from './assign/start-assigning.js';
import type { ClustererConfig } from './config.js';
import type { ClustererContext } from './context.js';
import { EmbeddingKindRule } from './embedding-kind.js';
import { ClustererError } from './errors.js';
import { createClustererMetrics } from './metrics.js';
import { ModelsInForce } from './models-in-force.js';
import type { FitReport } from './refit/refit-loop.js';
import { RefitRole } from './refit/refit-role.js';

export interface ClustererStatus {
  /** Glitches in the reference store; 0 without the refit role. */
  readonly knownGlitches: number;
  /** Undefined before the first model. */
  readonly modelVersion: number | undefined;
  readonly nFamilies: number;
  /** 0 where another process leads. */
  readonly openAlerts: number;
  readonly newSinceFit: number;
  readonly isFitting: boolean;
  readonly isLeader: boolean;
}

export interface ClustererService extends Service {
  /**
   * Fits now and resolves when every known glitch has its assignment under the new
   * model on the log; see RefitLoop.fitNow.
   *
   * @throws ClustererError `not_started`, `wrong_role`, `lease_taken` where another
   *   process leads, and what RefitLoop.fitNow throws.
   */
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
  const models = new ModelsInForce(config, context, metrics);
  const kinds = new EmbeddingKindRule(log, () => models.activation);
  // In a container every process has the same number, and a host name may be repeated.
  const holder = config.holder ?? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const assigns = config.role !== 'refit';
  const refit =
    config.role === 'assign'
      ? undefined
      : new RefitRole({ config, context, metrics, models, kinds, holder, signal });
  const running: Promise<unknown>[] = [];
  let stopAssigning: (() => Promise<void>) | undefined;
  let state: 'new' | 'starting' | 'running' | 'stopped' = 'new';

  async function start(): Promise<void> {
    state = 'starting';
    const started = performance.now();
    await log.ensureTopics(topicLayouts);
    await models.open();
    if (signal.aborted) return;
    running.push(models.follow(signal));
    // First, because nothing of what follows is needed for an assignment.
    if (assigns) {
      const consumer = await startAssigning({ config, log, models, kinds, metrics, clock, signal });
      stopAssigning = () => consumer.stop();
      const { groupId } = config;
      running.push(trackLag(log, registry, groupId, [topics.embeddings], LAG_EVERY_MS, signal));
    }
    await refit?.start();
    metrics.stage('recovery', (performance.now() - started) / 1_000);
    if (!signal.aborted) state = 'running';
  }

  async function stop(): Promise<void> {
    state = 'stopped';
    stopping.abort();
    await stopAssigning?.();
    await refit?.stop();
    await Promise.all(running);
  }

  function readiness(): Readiness {
    if (state !== 'running') return { ready: false, detail: `clusterer is ${state}` };
    const { model } = models;
    const doing = [config.role, ...(refit?.isLeader ? ['leads'] : [])].join(', ');
    const known = refit === undefined ? '' : `; ${refit.known.store.size} glitches known`;
    const inForce =
      model === undefined
        ? `no model yet; the first comes at ${config.minFit}`
        : `model ${model.version} with ${model.fit.families.length} families`;
    return { ready: true, detail: `${doing}${known}; ${inForce}` };
  }

  return {
    name: 'clusterer',
    start,
    stop,
    readiness,
    async fitNow() {
      if (state !== 'running')
        throw new ClustererError('not_started', `Fit: the clusterer is ${state}, not running`);
      if (refit === undefined)
        throw new ClustererError(
          'wrong_role',
          `Fit: expected role refit or both, found ${config.role}`,
        );
      return await refit.fitNow();
    },
    status: () => ({
      knownGlitches: refit?.known.store.size ?? 0,
      modelVersion: models.model?.version,
      nFamilies: models.model?.fit.families.length ?? 0,
      openAlerts: refit?.openAlerts ?? 0,
      newSinceFit: refit?.newSinceFit ?? 0,
      isFitting: refit?.isFitting ?? false,
      isLeader: refit?.isLeader ?? false,
    }),
  };
}
