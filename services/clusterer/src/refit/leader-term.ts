import { setTimeout as delay } from 'node:timers/promises';
import { consumeWithDeadLetters, EventLogError, type GroupConsumer } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { trackLag } from '@glitchwatch/service-kit';
import type { Lease } from '@glitchwatch/state-store';
import type { ClustererConfig } from '../config.js';
import type { ClustererContext } from '../context.js';
import type { DriftMetrics } from '../drift/drift-metrics.js';
import { DriftWatch } from '../drift/drift-watch.js';
import { asError } from '../errors.js';
import { announceFamilies } from '../family-log.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import { NoveltyWatch, watchGroupOf } from '../novelty/novelty-watch.js';
import type { KnownGlitches } from './known-glitches.js';
import type { Term } from './leadership.js';
import { MissingAssignments } from './missing-assignments.js';
import { RefitLoop } from './refit-loop.js';

export interface LeaderParts {
  readonly config: ClustererConfig;
  readonly context: ClustererContext;
  readonly metrics: ClustererMetrics;
  readonly drift: DriftMetrics;
  readonly known: KnownGlitches;
  readonly models: ModelsInForce;
  readonly holder: string;
}

const LAG_EVERY_MS = 5_000;

/** What only the leader does: fits, answers for what the assigners leave, watches for novelty. */
export class LeaderTerm implements Term {
  readonly refits: RefitLoop;
  readonly watch: NoveltyWatch;
  readonly #parts: LeaderParts;
  readonly #missing: MissingAssignments;
  readonly #drift: DriftWatch;
  readonly #signal: AbortSignal;
  #consumer: GroupConsumer | undefined;
  #background: readonly Promise<void>[] = [];

  private constructor(parts: LeaderParts, signal: AbortSignal) {
    const { config, context, metrics, known, models } = parts;
    this.#parts = parts;
    this.#signal = signal;
    this.watch = new NoveltyWatch({ ...parts, signal });
    this.#drift = new DriftWatch({ ...parts, signal });
    this.#missing = new MissingAssignments({
      log: context.log,
      groupId: config.groupId,
      known,
      models,
      metrics,
      clock: context.clock,
    });
    this.refits = new RefitLoop({ ...parts, watch: this.watch, missing: this.#missing, signal });
  }

  /** Carries on where the log says that the last leader ended. */
  static async begin(parts: LeaderParts, lease: Lease, signal: AbortSignal): Promise<LeaderTerm> {
    const { config, known, models, metrics } = parts;
    const started = performance.now();
    const term = new LeaderTerm(parts, signal);
    await models.upToDate(signal);
    // A state store that was lost has forgotten who leads; whoever does learns it at the next
    // renewal, or steps down by the clock. Two at once would contradict each other's alerts.
    if (lease.isFirst && models.activation !== undefined) {
      await delay((2 * config.leaseTtlMs) / 3, undefined, { signal });
    }
    await known.embeddingsUpToDate(signal);
    await known.assignmentsUpToDate(signal);
    await term.watch.restore();
    // The last leader may have ended between an activation and this.
    if (models.activation !== undefined)
      await announceFamilies(parts.context.log, models.activation);
    await term.#start();
    metrics.stage('takeover', (performance.now() - started) / 1_000);
    return term;
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
    await Promise.all(this.#background);
  }

  async #start(): Promise<void> {
    const { config, context, metrics } = this.#parts;
    const { log, registry } = context;
    const groupId = watchGroupOf(config);
    this.#consumer = await consumeWithDeadLetters(log, {
      groupId,
      topics: [topics.assignments],
      process: (records) => this.watch.handle(records),
      onDeadLetter: (_record, code, message) => metrics.poison(code, message),
      onError: (error, batch) => {
        this.watch.noticeFailure(batch);
        if (this.#signal.aborted) return;
        metrics.failed(error instanceof EventLogError ? error.code : 'internal', error);
      },
    });
    this.#background = [
      this.refits.run(),
      this.#keepUp(),
      this.#drift.run(),
      trackLag(log, registry, groupId, [topics.assignments], LAG_EVERY_MS, this.#signal),
    ];
  }

  /** Answers and revisions that become due by themselves. */
  async #keepUp(): Promise<void> {
    const { config, metrics } = this.#parts;
    const signal = this.#signal;
    while (!signal.aborted) {
      try {
        await this.watch.revise();
        await this.#missing.give(signal);
      } catch (thrown) {
        // Nothing is lost: what is due is still due at the next tick.
        if (!signal.aborted) metrics.failed('append_failed', asError(thrown));
      }
      await delay(config.tickMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
