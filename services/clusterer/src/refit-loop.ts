import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@glitchwatch/state-store';
import { deleteOldSnapshots, prepareModel } from './activation.js';
import type { Clusterer } from './clusterer.js';
import type { ClustererConfig } from './config.js';
import type { ClustererContext } from './context.js';
import { asError, ClustererError } from './errors.js';
import { fitParamsOf } from './fit-params.js';
import { fitInWorker } from './fit-runner.js';
import type { ClustererMetrics } from './metrics.js';
import { isFitDue, pauseAfterFailuresMs } from './refit-schedule.js';

export const REFIT_LEASE = 'refit';

export interface FitReport {
  readonly modelVersion: number;
  readonly nReference: number;
  readonly nFamilies: number;
  readonly fitSec: number;
}

/** Decides when to fit, does one fit at a time under the refit lease, and has the model activated. */
export class RefitLoop {
  readonly #clusterer: Clusterer;
  readonly #config: ClustererConfig;
  readonly #context: ClustererContext;
  readonly #metrics: ClustererMetrics;
  readonly #signal: AbortSignal;
  readonly #holder: string;
  #running: Promise<unknown> | undefined;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(options: {
    readonly clusterer: Clusterer;
    readonly config: ClustererConfig;
    readonly context: ClustererContext;
    readonly metrics: ClustererMetrics;
    readonly signal: AbortSignal;
  }) {
    this.#clusterer = options.clusterer;
    this.#config = options.config;
    this.#context = options.context;
    this.#metrics = options.metrics;
    this.#signal = options.signal;
    // In a container every process has the same number, and a host name may be repeated.
    this.#holder =
      options.config.holder ?? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  }

  get isFitting(): boolean {
    return this.#running !== undefined;
  }

  /** Looks for what is due until the signal aborts; resolves once the fit in hand has ended too. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.fitIfDue();
      await this.#housekeeping();
      await delay(this.#config.tickMs, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    await this.#running;
  }

  /** Starts a fit in the background where one is due; a failure is counted and the old model stays. */
  fitIfDue(): void {
    if (!this.#config.automaticFits || this.isFitting || this.#signal.aborted) return;
    const nowMs = this.#context.clock.nowMs();
    const { store, model, newSinceFit } = this.#clusterer;
    const need = {
      known: store.size,
      model: model && {
        nReference: model.fit.glitchIds.length,
        activatedAtMs: model.activatedAtMs,
      },
      newSinceFit,
      nowMs,
    };
    if (nowMs < this.#notBeforeMs || !isFitDue(need, this.#config)) return;
    this.#start(async () => {
      try {
        const lease = await this.#context.state.leases.acquire(
          REFIT_LEASE,
          this.#holder,
          this.#config.leaseTtlMs,
        );
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
   *   somebody else keeps the refit lease, `fit_cancelled` when the service stops.
   */
  async fitNow(): Promise<FitReport> {
    while (this.#running !== undefined) await this.#running;
    const { promise, settle } = reported<FitReport>();
    this.#start(async () => {
      try {
        settle.resolve(await this.#fitUnder(await this.#awaitLease()));
      } catch (thrown) {
        settle.reject(thrown);
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
    const { leaseTtlMs } = this.#config;
    const renewal = setInterval(() => {
      // A lost lease is noticed at the renewal before the activation.
      lease.renew().catch((error) => this.#metrics.failed('lease_renewal', asError(error)));
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
      this.#metrics.failed('lease_release', asError(thrown));
    }
  }

  async #fit(lease: Lease): Promise<FitReport> {
    const { store, lineage: previous } = this.#clusterer;
    const addedAtFit = store.added;
    const { glitchIds, vectors, familyIds } = store.sortedRows();
    const started = performance.now();
    const fit = await fitInWorker(
      {
        glitchIds,
        vectors,
        params: fitParamsOf(this.#config),
        previousFamilyIds: familyIds,
        nextFamilyId: previous?.nextFamilyId,
      },
      this.#signal,
    );
    const fitSec = (performance.now() - started) / 1_000;
    this.#metrics.fitted(fitSec);
    this.#metrics.stage('fit', fitSec);
    const prepared = await prepareModel(this.#context, {
      fit,
      previous,
      embedderSha256: this.#clusterer.embedderSha256,
      store,
      fitSec,
      fencingToken: lease.fencingToken,
      nowMs: this.#context.clock.nowMs(),
    });
    this.#metrics.stage('snapshot', (performance.now() - started) / 1_000 - fitSec);
    if (!(await lease.renew()))
      throw new ClustererError(
        'lease_lost',
        `Refit lease: expected token ${lease.fencingToken} still to hold it, found another holder; model ${prepared.snapshot.modelVersion} is not activated`,
      );
    const model = await this.#clusterer.activate(prepared, addedAtFit);
    await this.#clusterer.assignMissing(this.#signal);
    await this.#tidy(model.version);
    return {
      modelVersion: model.version,
      nReference: fit.glitchIds.length,
      nFamilies: fit.families.length,
      fitSec,
    };
  }

  async #tidy(modelVersion: number): Promise<void> {
    try {
      await deleteOldSnapshots(this.#context.blobs, modelVersion, this.#config.keepSnapshots);
    } catch (thrown) {
      // The model is in force; files left over are tried again after the next one.
      this.#metrics.failed('snapshot_cleanup', asError(thrown));
    }
  }

  /** Waits out a holder that died: its lease ends after its time to live. */
  async #awaitLease(): Promise<Lease> {
    const { leaseTtlMs } = this.#config;
    const giveUpAt = performance.now() + 2 * leaseTtlMs;
    while (performance.now() < giveUpAt && !this.#signal.aborted) {
      const lease = await this.#context.state.leases.acquire(REFIT_LEASE, this.#holder, leaseTtlMs);
      if (lease !== undefined) return lease;
      await delay(leaseTtlMs / 20, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    throw new ClustererError(
      'lease_taken',
      `Refit lease: expected to get it within ${2 * leaseTtlMs} ms, found another holder`,
    );
  }

  async #housekeeping(): Promise<void> {
    const { model } = this.#clusterer;
    if (model !== undefined)
      this.#metrics.modelAge((this.#context.clock.nowMs() - model.activatedAtMs) / 1_000);
    this.#metrics.unassignedFraction(this.#clusterer.unassignedFraction());
    try {
      await this.#clusterer.reviseAlerts();
    } catch (thrown) {
      // Nothing is lost: the revision is still due at the next tick.
      this.#metrics.failed('alert_revision', asError(thrown));
    }
  }

  #noteFailure(error: Error): void {
    if (this.#signal.aborted) return;
    this.#failures++;
    this.#notBeforeMs = this.#context.clock.nowMs() + pauseAfterFailuresMs(this.#failures);
    this.#metrics.failed(error instanceof ClustererError ? error.code : 'fit_failed', error);
  }
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
