import { setTimeout as delay } from 'node:timers/promises';
import { type ModelActivated, topics } from '@glitchwatch/proto';
import { loadSnapshot, type PreparedModel } from './activation.js';
import { appendActivation, superseded } from './activation-log.js';
import { ActiveModel } from './active-model.js';
import type { ClustererConfig } from './config.js';
import type { ClustererContext } from './context.js';
import { activationOf } from './decoded.js';
import { asError, ClustererError } from './errors.js';
import { inForceAfter, isDeposed } from './fence.js';
import { lineageFromLog, lineageOf, type ModelLineage } from './lineage.js';
import { LogFollower } from './log-follower.js';
import { newestActivation } from './log-replay.js';
import type { ClustererMetrics } from './metrics.js';
import { Mutex } from './mutex.js';

const LOAD_RETRY_MS = 1_000;

/**
 * The model in force, as glitch.models says, with its snapshot from the blob store.
 * Every replica has one of these, and only the leader activates through it.
 */
export class ModelsInForce {
  readonly #config: ClustererConfig;
  readonly #context: ClustererContext;
  readonly #metrics: ClustererMetrics;
  readonly #follower: LogFollower;
  /** An activation of our own and one that is followed come one after the other. */
  readonly #mutex = new Mutex();
  #activation: ModelActivated | undefined;
  #model: ActiveModel | undefined;
  /** Of the activation in force, where its snapshot cannot be had. */
  #lostLineage: ModelLineage | undefined;

  constructor(config: ClustererConfig, context: ClustererContext, metrics: ClustererMetrics) {
    this.#config = config;
    this.#context = context;
    this.#metrics = metrics;
    this.#follower = new LogFollower({
      log: context.log,
      topic: topics.models,
      take: (record) => this.#follow(activationOf(record)),
      onError: (error) => metrics.failed('follow_failed', error),
    });
  }

  /** Places glitches; an older one than `activation` says while the snapshot of that cannot be had. */
  get model(): ActiveModel | undefined {
    return this.#model;
  }

  /** The activation in force as far as this process has read the log. */
  get activation(): ModelActivated | undefined {
    return this.#activation;
  }

  /** True where the snapshot of the model in force cannot be had. */
  get isLost(): boolean {
    return this.#lostLineage !== undefined;
  }

  /** What the next model carries on from; undefined before the first. */
  get lineage(): ModelLineage | undefined {
    return this.#lostLineage ?? (this.#model && lineageOf(this.#model.snapshot));
  }

  /**
   * Loads the model in force at the end of the log. Where its snapshot is lost, that is
   * counted: glitches wait until it is back, or until the next model.
   */
  async open(): Promise<void> {
    const { log } = this.#context;
    const ends = await log.offsets(topics.models);
    this.#follower.startAt(new Map(ends.map(({ partition, high }) => [partition, high])));
    this.#activation = await newestActivation(log, (error) => this.#bad(error));
    if (this.#activation !== undefined) await this.#takeUp(this.#activation);
  }

  /** Takes up what other processes activate, until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follower.run(signal), this.#retryLost(signal)]);
  }

  /** Resolves once every activation that is on the log now has been taken up. */
  upToDate(signal: AbortSignal): Promise<void> {
    return this.#follower.reachEnd(signal);
  }

  /**
   * Puts a prepared model in force: its activation is appended, and glitches are placed
   * under it from then on.
   *
   * @throws ClustererError `superseded` where the log shows that another holder of the
   *   refit lease has come before us; the old model stays until `follow` has taken up
   *   the other's.
   */
  async activate({ snapshot, activation }: PreparedModel): Promise<ActiveModel> {
    const model = await this.#openModel({ snapshot, activation });
    await this.#mutex.run(async () => {
      await appendActivation(this.#context.log, activation);
      this.#activation = activation;
      this.#put(model);
    });
    return model;
  }

  async #follow(activation: ModelActivated | ClustererError): Promise<void> {
    if (activation instanceof ClustererError) {
      this.#bad(activation);
      return;
    }
    await this.#mutex.run(async () => {
      const current = this.#activation;
      if (activation.snapshotSha256 === current?.snapshotSha256) return;
      if (current !== undefined && isDeposed(activation, current))
        this.#metrics.failed('superseded', superseded(activation, current));
      if (inForceAfter(current, activation) !== activation) return;
      this.#activation = activation;
      await this.#takeUp(activation);
    });
  }

  /** Counted and passed over. */
  #bad(error: ClustererError): void {
    this.#metrics.failed(error.code, error);
  }

  /** A snapshot that cannot be had leaves the model before it. */
  async #takeUp(activation: ModelActivated): Promise<void> {
    try {
      this.#put(await this.#load(activation));
    } catch (error) {
      if (!(error instanceof ClustererError)) throw error;
      this.#metrics.failed(error.code, error);
      this.#lostLineage = await lineageFromLog(this.#context.log, activation);
    }
  }

  /** A volume that is shared between nodes may show a new file late. */
  async #retryLost(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(LOAD_RETRY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || !this.isLost) continue;
      await this.#mutex.run(async () => {
        if (!this.isLost || this.#activation === undefined) return;
        try {
          this.#put(await this.#load(this.#activation));
        } catch (thrown) {
          // Counted when it was found lost; here only what is not about the snapshot.
          if (!(thrown instanceof ClustererError))
            this.#metrics.failed('follow_failed', asError(thrown));
        }
      });
    }
  }

  async #load(activation: ModelActivated): Promise<ActiveModel> {
    const snapshot = await loadSnapshot(this.#context.blobs, activation);
    return await this.#openModel({ snapshot, activation });
  }

  #openModel({ snapshot, activation }: PreparedModel): Promise<ActiveModel> {
    const { listedNeighbours, noveltyAlpha } = this.#config;
    return ActiveModel.open(
      snapshot,
      { listed: listedNeighbours, noveltyAlpha },
      Number(activation.activatedAtMs),
    );
  }

  #put(model: ActiveModel): void {
    this.#model = model;
    this.#lostLineage = undefined;
    this.#metrics.modelActive({
      modelVersion: model.version,
      nFamilies: model.fit.families.length,
      nReference: model.fit.glitchIds.length,
    });
  }
}
