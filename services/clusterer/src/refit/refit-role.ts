import { setTimeout as delay } from 'node:timers/promises';
import type { ClustererConfig } from '../config.js';
import type { ClustererContext } from '../context.js';
import { createDriftMetrics } from '../drift/drift-metrics.js';
import type { EmbeddingKindRule } from '../embedding-kind.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import { KnownGlitches } from './known-glitches.js';
import { LeaderTerm } from './leader-term.js';
import { Leadership } from './leadership.js';
import type { FitReport } from './refit-loop.js';

export interface RefitRoleParts {
  readonly config: ClustererConfig;
  readonly context: ClustererContext;
  readonly metrics: ClustererMetrics;
  readonly models: ModelsInForce;
  readonly kinds: EmbeddingKindRule;
  /** Name under which leases are held. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** Keeps every glitch at hand and stands for the lead. */
export class RefitRole {
  readonly known: KnownGlitches;
  readonly #parts: RefitRoleParts;
  readonly #leadership: Leadership<LeaderTerm>;
  #going: readonly Promise<void>[] = [];

  constructor(parts: RefitRoleParts) {
    const { config, context, metrics, kinds } = parts;
    const { log, registry } = context;
    const drift = createDriftMetrics(registry);
    const onError = (code: string, error: Error): void => metrics.failed(code, error);
    this.#parts = parts;
    this.known = new KnownGlitches({ log, kinds, maxGlitches: config.maxReference, onError });
    this.#leadership = new Leadership({
      leases: context.state.leases,
      name: `${config.groupId}-leader`,
      holder: parts.holder,
      ttlMs: config.leaseTtlMs,
      begin: (signal, lease) =>
        LeaderTerm.begin({ ...parts, drift, known: this.known }, lease, signal),
      onChange: (isLeader) => metrics.leads(isLeader),
      onError,
    });
  }

  get isLeader(): boolean {
    return this.#leadership.term !== undefined;
  }

  get openAlerts(): number {
    return this.#leadership.term?.watch.openAlerts ?? 0;
  }

  get isFitting(): boolean {
    return this.#leadership.term?.refits.isFitting ?? false;
  }

  get newSinceFit(): number {
    const { models } = this.#parts;
    return this.known.newSinceFit(models.isLost ? undefined : models.model);
  }

  /** Reads the log, and resolves when this process leads or has found that another does. */
  async start(): Promise<void> {
    const { models, signal } = this.#parts;
    // Where the snapshot is lost, the log alone must say what each glitch was assigned to.
    const lost = models.isLost || models.model === undefined;
    await this.known.open(lost ? new Map() : models.model.snapshot.assignmentOffsets);
    if (signal.aborted) return;
    this.#going = [this.known.follow(signal), this.#leadership.run(signal), this.#report()];
    await this.#leadership.decided(signal);
  }

  /** After the signal has aborted: resolves when nothing goes on any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#going);
  }

  async fitNow(): Promise<FitReport> {
    const term = await this.#leadership.awaitTerm(this.#parts.signal);
    return await term.refits.fitNow();
  }

  /** In every process of the role: a gauge that only the leader set would be left behind by it. */
  async #report(): Promise<void> {
    const { config, context, metrics, models, signal } = this.#parts;
    while (!signal.aborted) {
      metrics.known(this.known.store.size);
      metrics.unassignedFraction(this.known.unassignedFraction());
      const { model } = models;
      if (model !== undefined)
        metrics.modelAge((context.clock.nowMs() - model.activatedAtMs) / 1_000);
      await delay(config.tickMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
