import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@glitchwatch/state-store';
import { deleteOldSnapshots, prepareModel } from '../activation.js';
import type { ActiveModel } from '../active-model.js';
import type { ClustererConfig } from '../config.js';
import type { ClustererContext } from '../context.js';
import { asError, ClustererError } from '../errors.js';
import { announceFamilies } from '../family-log.js';
import { fitParamsOf } from '../fit-params.js';
import { fitInWorker } from '../fit-runner.js';
import type { ModelLineage } from '../lineage.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import type { NoveltyWatch } from '../novelty/novelty-watch.js';
import { Stretch } from '../stretch.js';
import type { KnownGlitches } from './known-glitches.js';
import type { MissingAssignments } from './missing-assignments.js';
import { isFitDue, pauseAfterFailuresMs } from './refit-schedule.js';

export const REFIT_LEASE = 'refit';

export interface FitReport {
  readonly modelVersion: number;
  readonly nReference: number;
  readonly nFamilies: number;
  readonly fitSec: number;
}

export interface RefitLoopParts {
  readonly config: ClustererConfig;
  readonly context: ClustererContext;
  readonly metrics: ClustererMetrics;
  readonly known: KnownGlitches;
  readonly models: ModelsInForce;
  readonly watch: NoveltyWatch;
  readonly missing: MissingAssignments;
  /** Name under which the refit lease is held. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** Decides when to fit, does one fit at a time under the refit lease, and has the model activated. */
export class RefitLoop {
  readonly #parts: RefitLoopParts;
  readonly #signal: AbortSignal;
  #running: Promise<unknown> | undefined;
  #failures = 0;
  /** By the monotonic clock: the other may be set back. */
  #notBeforeMs = 0;

  constructor(parts: RefitLoopParts) {
    this.#parts = parts;
    this.#signal = parts.signal;
  }

  get isFitting(): boolean {
    return this.#running !== undefined;
  }

  /** Looks for what is due until the signal aborts; resolves once the fit in hand has ended too. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#fitIfDue();
      await delay(this.#parts.config.tickMs, undefined, { signal: this.#signal }).catch(
        () => undefined,
      );
    }
    await this.#running;
  }

  /** Starts a fit in the background where one is due; a failure is counted and the old model stays. */
  #fitIfDue(): void {
    if (!this.#parts.config.automaticFits || this.isFitting || this.#signal.aborted) return;
    const { config, context, known, models } = this.#parts;
    const nowMs = context.clock.nowMs();
    // A model that cannot be had is replaced as soon as there is enough for one.
    const model = models.isLost ? undefined : models.model;
    const need = {
      known: known.store.size,
      model: model && {
        nReference: model.fit.glitchIds.length,
        activatedAtMs: model.activatedAtMs,
      },
      newSinceFit: known.newSinceFit(model),
      nowMs,
    };
    if (performance.now() < this.#notBeforeMs || !isFitDue(need, config)) return;
    this.#start(async () => {
      try {
        const { leases } = context.state;
        const lease = await leases.acquire(REFIT_LEASE, this.#parts.holder, config.leaseTtlMs);
        // Somebody else is fitting, or died at it: the next tick asks again.
        if (lease === undefined) return;
        await this.#fitUnder(lease);
        this.#failures = 0;
      } catch (thrown) {
        this.#noteFailure(asError(thrown));
      }
    });
  }

  /**
   * Fits now, after the fit in hand, and resolves when every known glitch has its
   * assignment under the new model on the log.
   *
   * @throws ClustererError `too_few_glitches`, `fit_failed`, `lease_taken` when
   *   somebody else keeps the refit lease, `fit_cancelled` when the service stops,
   *   `assigners_away`.
   */
  async fitNow(): Promise<FitReport> {
    while (this.#running !== undefined) await this.#running;
    const { promise, settle } = reported<FitReport>();
    this.#start(async () => {
      try {
        const report = await this.#fitUnder(await this.#awaitLease());
        await this.#parts.missing.giveAll(this.#signal);
        settle.resolve(report);
      } catch (thrown) {
        settle.reject(this.#signal.aborted ? cancelled() : thrown);
      }
    });
    return promise;
  }

  #start(work: () => Promise<void>): void {
    this.#running = work().finally(() => {
      this.#running = undefined;
    });
  }

  async #fitUnder(lease: Lease): Promise<FitReport> {
    const { leaseTtlMs } = this.#parts.config;
    const renewal = setInterval(() => {
      // A lost lease is noticed at the renewal before the activation.
      lease.renew().catch((error) => this.#parts.metrics.failed('lease_renewal', asError(error)));
    }, leaseTtlMs / 3);
    try {
      return await this.#fit(lease);
    } finally {
      clearInterval(renewal);
      await this.#release(lease);
    }
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await lease.release();
    } catch (thrown) {
      // It ends by itself after its time to live.
      this.#parts.metrics.failed('lease_release', asError(thrown));
    }
  }

  async #fit(lease: Lease): Promise<FitReport> {
    const { config, context, metrics, known, models } = this.#parts;
    const { store } = known;
    // What is on the log at this moment is in the fit, wherever it was assigned.
    await known.embeddingsUpToDate(this.#signal);
    await known.assignmentsUpToDate(this.#signal);
    const previous = models.lineage;
    const started = performance.now();
    const { glitchIds, vectors, familyIds } = await store.rowsForFit();
    const fit = await fitInWorker(
      {
        glitchIds,
        vectors,
        params: fitParamsOf(config),
        previousFamilyIds: livingOnly(familyIds, previous),
        previousLayout: await placesBefore(models.model, glitchIds),
        nextFamilyId: previous?.nextFamilyId,
      },
      this.#signal,
    );
    const fitSec = (performance.now() - started) / 1_000;
    metrics.fitted(fitSec);
    metrics.stage('fit', fitSec);
    const prepared = await prepareModel(context, {
      fit,
      previous,
      embedderSha256: known.embedderSha256,
      store,
      fitSec,
      fencingToken: lease.fencingToken,
      nowMs: context.clock.nowMs(),
    });
    metrics.stage('snapshot', (performance.now() - started) / 1_000 - fitSec);
    if (!(await lease.renew()))
      throw new ClustererError(
        'lease_lost',
        `Refit lease: expected token ${lease.fencingToken} still to hold it, found another holder; model ${prepared.snapshot.modelVersion} is not activated`,
      );
    const activating = performance.now();
    const model = await models.activate(prepared);
    metrics.stage('activation', (performance.now() - activating) / 1_000);
    await this.#followUp(model.version);
    return {
      modelVersion: model.version,
      nReference: fit.glitchIds.length,
      nFamilies: fit.families.length,
      fitSec,
    };
  }

  /** What is left undone here is done at the next tick, or after the next model. */
  async #followUp(modelVersion: number): Promise<void> {
    const { config, context, metrics, models, watch, missing } = this.#parts;
    try {
      if (models.activation !== undefined) await announceFamilies(context.log, models.activation);
      await watch.revise();
      await missing.give(this.#signal);
      await deleteOldSnapshots(context.blobs, modelVersion, config.keepSnapshots);
    } catch (thrown) {
      if (!this.#signal.aborted) metrics.failed('after_activation', asError(thrown));
    }
  }

  /** Waits out a holder that died: its lease ends after its time to live. */
  async #awaitLease(): Promise<Lease> {
    const { leaseTtlMs } = this.#parts.config;
    const { leases } = this.#parts.context.state;
    const giveUpAt = performance.now() + 2 * leaseTtlMs;
    while (performance.now() < giveUpAt && !this.#signal.aborted) {
      const lease = await leases.acquire(REFIT_LEASE, this.#parts.holder, leaseTtlMs);
      if (lease !== undefined) return lease;
      await delay(leaseTtlMs / 20, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    throw new ClustererError(
      'lease_taken',
      `Refit lease: expected to get it within ${2 * leaseTtlMs} ms, found another holder`,
    );
  }

  #noteFailure(error: Error): void {
    if (this.#signal.aborted) return;
    this.#failures++;
    this.#notBeforeMs = performance.now() + pauseAfterFailuresMs(this.#failures);
    this.#parts.metrics.failed(error instanceof ClustererError ? error.code : 'fit_failed', error);
  }
}

/** A glitch that has had no answer since an older model may name a family that has ended: for good. */
function livingOnly(familyIds: Int32Array, previous: ModelLineage | undefined): Int32Array {
  const living = previous?.firstModelVersions;
  return familyIds.map((familyId) => (living?.has(familyId) === true ? familyId : -1));
}

/** Where the last map has each glitch; NaN where it has not. */
async function placesBefore(
  model: ActiveModel | undefined,
  glitchIds: readonly string[],
): Promise<Float32Array | undefined> {
  if (model === undefined) return undefined;
  const stretch = new Stretch();
  const places = new Float32Array(2 * glitchIds.length).fill(Number.NaN);
  for (const [row, glitchId] of glitchIds.entries()) {
    await stretch.pause();
    const place = model.mapPlaceOf(glitchId);
    if (place !== undefined) places.set(place, 2 * row);
  }
  return places;
}

function cancelled(): ClustererError {
  return new ClustererError(
    'fit_cancelled',
    'Fit given up: this process stops, or leads no longer',
  );
}

function reported<T>(): {
  readonly promise: Promise<T>;
  readonly settle: {
    readonly resolve: (value: T) => void;
    readonly reject: (reason: unknown) => void;
  };
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, settle: { resolve, reject } };
}
