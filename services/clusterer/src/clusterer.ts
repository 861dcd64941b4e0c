import { setTimeout as delay } from 'node:timers/promises';
import type { LogRecord, OutgoingRecord, RecordBatch, RecordOutcome } from '@glitchwatch/event-log';
import { type Alert, type Assignment, type ModelActivated, topics } from '@glitchwatch/proto';
import { loadSnapshot, type PreparedModel } from './activation.js';
import { appendActivation, followActivations, superseded } from './activation-log.js';
import { ActiveModel } from './active-model.js';
import { Assigner, type AssignerStep } from './assigner.js';
import { alertRecord } from './assignment-record.js';
import { BatchProcessor } from './batch-processor.js';
import { CommitWatch } from './commit-watch.js';
import type { ClustererConfig } from './config.js';
import type { ClustererContext } from './context.js';
import { asError, ClustererError } from './errors.js';
import { inForceAfter, isDeposed } from './fence.js';
import { lineageFromLog, lineageOf, type ModelLineage } from './lineage.js';
import { newestActivation } from './log-replay.js';
import type { ClustererMetrics } from './metrics.js';
import { Mutex } from './mutex.js';
import { reviseDue } from './novelty/alert-tracker.js';
import { resolveUnderModel } from './novelty/resolution.js';
import { committedEmbeddings, restoreUnderModel, restoreWithoutModel } from './recovery.js';
import { ReferenceStore } from './reference-store.js';

/** One step of giving known glitches their assignment under a new model. */
const REASSIGN_STEP_GLITCHES = 256;
/** Live glitches wait at most this long, and one append, for such a step. */
const REASSIGN_STEP_MS = 20;
const RETRY_MS = 1_000;

/**
 * The state of the clusterer and the only code that changes it, one change at a
 * time: a batch of embeddings, the activation of a model, a step of reassigning,
 * alert revisions that are due. Before each, what came before is on the log or
 * taken back (CommitWatch), so a batch assigned under one model never lands behind
 * the activation of the next.
 */
export class Clusterer {
  readonly store: ReferenceStore;
  readonly #config: ClustererConfig;
  readonly #context: ClustererContext;
  readonly #metrics: ClustererMetrics;
  readonly #assigner: Assigner;
  readonly #processor: BatchProcessor;
  readonly #mutex = new Mutex();
  readonly #watch: CommitWatch;
  /** `store.added` when the rows of the active model were taken. */
  #addedAtFit = 0;
  #lostModel: ModelLineage | undefined;
  /** The activation in force as far as this process has read the log. */
  #inForce: ModelActivated | undefined;
  /** Where `followModels` begins: what came before, `recover` has read. */
  #modelsFrom: ReadonlyMap<number, bigint> = new Map();

  constructor(config: ClustererConfig, context: ClustererContext, metrics: ClustererMetrics) {
    this.#config = config;
    this.#context = context;
    this.#metrics = metrics;
    this.store = new ReferenceStore({ maxGlitches: config.maxReference });
    this.#assigner = new Assigner(
      this.store,
      {
        minGroupSize: config.alertMinGroupSize,
        window: config.alertWindow,
        everyMemberUpTo: config.alertEveryMemberUpTo,
        updateEveryMs: config.alertUpdateEverySec * 1_000,
      },
      () => context.clock.nowMs(),
    );
    this.#processor = new BatchProcessor(this.#assigner);
    this.#watch = new CommitWatch(context.log, config.groupId);
  }

  get model(): ActiveModel | undefined {
    return this.#assigner.model;
  }

  get openAlerts(): number {
    return this.#assigner.novelty.alerts.size;
  }

  get embedderSha256(): string {
    return this.#processor.kind?.embedderSha256 ?? '';
  }

  /** Known glitches that the active model was not fitted on; all of them before the first. */
  get newSinceFit(): number {
    return Math.min(this.store.size, this.store.added - this.#addedAtFit);
  }

  /** What the next model carries on from; undefined before the first. */
  get lineage(): ModelLineage | undefined {
    return this.model === undefined ? this.#lostModel : lineageOf(this.model.snapshot);
  }

  /**
   * Rebuilds everything from the log and the snapshot of the model in force. Where
   * the snapshot is lost, the log alone must do: glitches stay as they were assigned
   * and the next fit carries on with versions and family ids.
   */
  async recover(): Promise<void> {
    const { log, blobs } = this.#context;
    const { groupId, maxReference } = this.#config;
    const started = performance.now();
    const ends = await log.offsets(topics.models);
    this.#modelsFrom = new Map(ends.map(({ partition, high }) => [partition, high]));
    const activation = await newestActivation(log);
    this.#inForce = activation;
    if (activation !== undefined) this.#processor.expect(activation);
    for await (const record of committedEmbeddings(log, groupId, maxReference))
      this.#processor.remember(record);
    if (activation !== undefined) {
      try {
        const snapshot = await loadSnapshot(blobs, activation);
        await this.#resume(await this.#open({ snapshot, activation }));
      } catch (error) {
        if (!(error instanceof ClustererError)) throw error;
        this.#metrics.failed(error.code, error);
        this.#lostModel = await lineageFromLog(log, activation);
        await restoreWithoutModel(log, this.#assigner, activation.modelVersion);
      }
    }
    this.#metrics.known(this.store.size);
    this.#metrics.stage('recovery', (performance.now() - started) / 1_000);
  }

  /** The log could not append or commit this batch, and will bring it again. */
  noticeFailure(batch: RecordBatch | undefined): void {
    this.#watch.noticeFailure(batch);
  }

  /** One batch of one partition of glitch.embeddings. */
  handle(records: readonly LogRecord[]): Promise<readonly RecordOutcome[]> {
    return this.#mutex.run(async () => {
      const first = records[0];
      const last = records.at(-1);
      if (first === undefined || last === undefined) return [];
      const { partition } = first;
      await this.#watch.settle({ partition, firstOffset: first.offset });
      const started = performance.now();
      const batch = this.#processor.process(records);
      if (batch.assignments.length > 0)
        this.#watch.expectCommit(partition, last.offset, batch.undo);
      const seconds = (performance.now() - started) / 1_000;
      this.#metrics.stage('batch', seconds);
      if (this.model !== undefined) this.#metrics.stage('assign', seconds / records.length);
      this.#report(batch.assignments, batch.alerts);
      this.#metrics.known(this.store.size);
      return batch.outcomes;
    });
  }

  /**
   * Puts a prepared model in force: its activation is appended, then the alerts it
   * resolves, and every glitch is placed under it from then on.
   *
   * @param addedAtFit `store.added` when the rows of the fit were taken.
   * @throws ClustererError `superseded` where the log shows that another holder of the
   *   refit lease has come before us; the old model stays until `followModels` has
   *   taken up the other's.
   */
  async activate(prepared: PreparedModel, addedAtFit: number): Promise<ActiveModel> {
    const model = await this.#open(prepared);
    const started = performance.now();
    await this.#mutex.run(async () => {
      await this.#watch.settle();
      await appendActivation(this.#context.log, prepared.activation);
      await this.#putInForce(model, prepared.activation, addedAtFit);
    });
    this.#metrics.stage('activation', (performance.now() - started) / 1_000);
    return model;
  }

  /** Takes up the models that other processes activate, until `signal` aborts. */
  async followModels(signal: AbortSignal): Promise<void> {
    await followActivations(this.#context.log, {
      from: this.#modelsFrom,
      signal,
      take: (activation) => this.#follow(activation, signal),
      onError: (error) => this.#metrics.failed('follow_failed', error),
    });
  }

  /**
   * Appends the assignments that known glitches lack under the active model, in
   * small steps between which live batches get their turn. Ends when none lacks
   * one, or when `signal` aborts; a failed append is tried again.
   */
  async assignMissing(signal: AbortSignal): Promise<void> {
    const started = performance.now();
    const slots = this.store.slotsInOrder();
    for (let at = 0; at < slots.length && !signal.aborted; ) {
      try {
        at = await this.#mutex.run(() => this.#assignStep(slots, at));
      } catch (thrown) {
        this.#metrics.failed('append_failed', asError(thrown));
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#metrics.stage('reassign', (performance.now() - started) / 1_000);
  }

  /** Appends alert revisions that the rate limit held back and whose time has come. */
  async reviseAlerts(): Promise<void> {
    if (this.openAlerts === 0) return;
    await this.#mutex.run(async () => {
      const { model, novelty, rules } = this.#assigner;
      if (model === undefined) return;
      await this.#watch.settle();
      const step = reviseDue(novelty, rules, this.#assigner.surroundings(model));
      if (step.alerts.length === 0) return;
      await this.#append(step.alerts.map(alertRecord));
      this.#assigner.novelty = step.state;
      this.#report([], step.alerts);
    });
  }

  /** Share of the known glitches in no family; 0 before the first model. */
  unassignedFraction(): number {
    const slots = this.store.slotsInOrder();
    if (this.model === undefined || slots.length === 0) return 0;
    return slots.filter((slot) => this.store.markAt(slot).familyId < 0).length / slots.length;
  }

  async #assignStep(slots: readonly number[], from: number): Promise<number> {
    await this.#watch.settle();
    const started = performance.now();
    const steps: AssignerStep[] = [];
    let at = from;
    while (
      at < slots.length &&
      steps.length < REASSIGN_STEP_GLITCHES &&
      performance.now() - started < REASSIGN_STEP_MS
    ) {
      const step = this.#assigner.assign(slots[at++]!);
      if (step !== undefined) steps.push(step);
    }
    try {
      await this.#append(steps.flatMap(({ records }) => records));
    } catch (error) {
      for (const { undo } of steps.reverse()) undo();
      throw error;
    }
    for (const { assignment, alerts } of steps) {
      this.#metrics.reassigned({ unassigned: assignment.familyId < 0 });
      this.#report([], alerts);
    }
    return at;
  }

  /** Under the mutex, with the last batch settled. */
  async #putInForce(
    model: ActiveModel,
    activation: ModelActivated,
    addedAtFit: number,
  ): Promise<void> {
    const resolution = resolveUnderModel(
      this.#assigner.novelty,
      this.#assigner.verdict(model),
      this.#assigner.surroundings(model),
    );
    await this.#append(resolution.alerts.map(alertRecord));
    this.#inForce = activation;
    this.#assigner.model = model;
    this.#assigner.novelty = resolution.state;
    this.#assigner.alreadyAssigned.clear();
    this.#addedAtFit = addedAtFit;
    this.#lostModel = undefined;
    this.#report([], resolution.alerts);
    this.#reportModel(model);
  }

  async #follow(activation: ModelActivated, signal: AbortSignal): Promise<void> {
    // Under the mutex, because an activation of our own may be under way.
    const isNews = await this.#mutex.run(async () => this.#isNews(activation));
    if (!isNews) return;
    let model: ActiveModel;
    try {
      const snapshot = await loadSnapshot(this.#context.blobs, activation);
      model = await this.#open({ snapshot, activation });
    } catch (error) {
      if (!(error instanceof ClustererError)) throw error;
      this.#metrics.failed(error.code, error);
      return;
    }
    await this.#mutex.run(async () => {
      await this.#watch.settle();
      await this.#putInForce(model, activation, this.#addedBefore(model));
    });
    await this.assignMissing(signal);
  }

  #isNews(activation: ModelActivated): boolean {
    const current = this.#inForce;
    if (activation.snapshotSha256 === current?.snapshotSha256) return false;
    if (current !== undefined && isDeposed(activation, current))
      this.#metrics.failed('superseded', superseded(activation, current));
    return inForceAfter(current, activation) === activation;
  }

  /** As if the glitches of the model had come first. */
  #addedBefore(model: ActiveModel): number {
    const known = this.store.slotsInOrder();
    const unfitted = known.filter((slot) => !model.isReference(this.store.idAt(slot))).length;
    return this.store.added - unfitted;
  }

  async #append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length > 0) await this.#context.log.append(records);
  }

  async #resume(model: ActiveModel): Promise<void> {
    this.#assigner.model = model;
    this.#addedAtFit = this.#addedBefore(model);
    await this.#append(await restoreUnderModel(this.#context.log, this.#assigner, model));
    this.#reportModel(model);
  }

  #open({ snapshot, activation }: PreparedModel): Promise<ActiveModel> {
    const { listedNeighbours, noveltyAlpha } = this.#config;
    return ActiveModel.open(
      snapshot,
      { listed: listedNeighbours, noveltyAlpha },
      Number(activation.activatedAtMs),
    );
  }

  #report(assignments: readonly Assignment[], alerts: readonly Alert[]): void {
    for (const { familyId, ingestedAtMs } of assignments)
      this.#metrics.assigned({ unassigned: familyId < 0, ingestedAtMs: Number(ingestedAtMs) });
    for (const alert of alerts) this.#metrics.alert(alert);
  }

  #reportModel(model: ActiveModel): void {
    this.#metrics.modelActive({
      modelVersion: model.version,
      nFamilies: model.fit.families.length,
      nReference: model.fit.glitchIds.length,
    });
  }
}
