import type { LogRecord, RecordBatch, RecordOutcome } from '@glitchwatch/event-log';
import { type Alert, Assignment, topics } from '@glitchwatch/proto';
import type { ActiveModel } from '../active-model.js';
import { alertRecord } from '../assignment-record.js';
import { CommitWatch } from '../commit-watch.js';
import type { ClustererConfig } from '../config.js';
import type { ClustererContext } from '../context.js';
import { asError, ClustererError } from '../errors.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import { Mutex } from '../mutex.js';
import type { KnownGlitches } from '../refit/known-glitches.js';
import { Stretch } from '../stretch.js';
import { alertRulesOf } from './alert-rules.js';
import {
  type AlertRules,
  emptyNoveltyState,
  type NoveltyState,
  type NoveltyStep,
  reviseDue,
} from './alert-tracker.js';
import { changedFamilies } from './changed-families.js';
import { LiveTally } from './live-tally.js';
import { settleLone } from './lone-alerts.js';
import { recallRates } from './recall-rates.js';
import { resolveUnderModel } from './resolution.js';
import { restoreUnderModel, restoreWithoutModel } from './restore.js';
import { surroundingsOf, verdictOf } from './under-model.js';
import { watchGlitch } from './watch-glitch.js';

export interface NoveltyWatchParts {
  readonly config: ClustererConfig;
  readonly context: ClustererContext;
  readonly metrics: ClustererMetrics;
  readonly known: KnownGlitches;
  readonly models: ModelsInForce;
  /** The watch is this process's until it aborts. */
  readonly signal: AbortSignal;
}

/** The group in which the leader reads glitch.assignments: where its watch has come to. */
export function watchGroupOf({ groupId }: Pick<ClustererConfig, 'groupId'>): string {
  return `${groupId}-watch`;
}

/**
 * The leader's novelty watch over all assignments, whichever replica gave them. One
 * change at a time: a batch of assignments, a new model, revisions that are due. Before
 * each, the alerts of the batch before are on the log or taken back (CommitWatch).
 */
export class NoveltyWatch {
  readonly #parts: NoveltyWatchParts;
  readonly #rules: AlertRules;
  readonly #mutex = new Mutex();
  readonly #commits: CommitWatch;
  #state: NoveltyState = emptyNoveltyState;
  #tally = new LiveTally();
  /** Under which the distances of the state were measured. */
  #model: ActiveModel | undefined;
  /** Alerts were appended and nobody knows whether the log has them: it is asked before the next. */
  #isInDoubt = false;

  constructor(parts: NoveltyWatchParts) {
    const { config, context } = parts;
    this.#parts = parts;
    this.#rules = alertRulesOf(config);
    this.#commits = new CommitWatch(context.log, {
      groupId: watchGroupOf(config),
      topic: topics.assignments,
      signal: parts.signal,
    });
  }

  get openAlerts(): number {
    return this.#state.alerts.size + this.#state.lone.size;
  }

  /**
   * As the last leader left it: alerts by their last revisions, candidates from the
   * assignments that the group has committed. Appends what the model in force resolves
   * where the log has its activation and not that.
   */
  async restore(): Promise<void> {
    await this.#mutex.run(() => this.#restore());
  }

  /** One batch of one partition of glitch.assignments. */
  handle(records: readonly LogRecord[]): Promise<readonly RecordOutcome[]> {
    return this.#mutex.run(async () => {
      const first = records[0];
      const last = records.at(-1);
      if (first === undefined || last === undefined) return [];
      const { partition } = first;
      await this.#settle({ partition, firstOffset: first.offset });
      const read = records.map(decoded);
      await this.#catchUpWith(read.flatMap((one) => (one instanceof ClustererError ? [] : [one])));
      const before = this.#state;
      const alerts: Alert[] = [];
      const outcomes: RecordOutcome[] = [];
      const stretch = new Stretch();
      for (const one of read) {
        if (one instanceof ClustererError) {
          outcomes.push({ kind: 'poison', code: one.code, message: one.message });
          continue;
        }
        const raised = this.#observe(one);
        alerts.push(...raised);
        outcomes.push({ kind: 'done', outputs: raised.map(alertRecord) });
        await stretch.pause();
      }
      this.#parts.signal.throwIfAborted();
      const undo = (): void => {
        this.#state = before;
      };
      if (alerts.length > 0) this.#commits.expectCommit(partition, last.offset, undo);
      this.#report(alerts);
      return outcomes;
    });
  }

  /** The log could not append or commit this batch, and will bring it again. */
  noticeFailure(batch: RecordBatch | undefined): void {
    this.#commits.noticeFailure(batch);
  }

  /** Takes up the model in force, then appends revisions whose time has come. */
  async revise(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.#settle();
      await this.#takeUpModel();
      const model = this.#model;
      if (model === undefined || this.openAlerts === 0) return;
      await this.#appendAlerts(reviseDue(this.#state, this.#rules, this.#surroundings(model)));
      await this.#appendAlerts(settleLone(this.#state, this.#rules, this.#surroundings(model)));
    });
  }

  async #restore(): Promise<void> {
    const { context, config, known, models } = this.#parts;
    const { store } = known;
    const { model } = models;
    this.#model = model;
    const rules = this.#rules;
    this.#tally = new LiveTally();
    if (model === undefined || models.isLost) {
      this.#state = await restoreWithoutModel(context.log, { store, rules });
      return;
    }
    const restored = await restoreUnderModel(context.log, {
      store,
      model,
      rules,
      tally: this.#tally,
      groupId: watchGroupOf(config),
      nowMs: context.clock.nowMs(),
    });
    await this.#appendAlerts(restored);
  }

  /**
   * A revision that failed to be appended may be on the log: made again out of other
   * members it would contradict itself, so the watch carries on from what the log says.
   */
  async #settle(next?: { readonly partition: number; readonly firstOffset: bigint }) {
    if (await this.#commits.settle(next)) this.#isInDoubt = true;
    if (!this.#isInDoubt) return;
    await this.#restore();
    this.#isInDoubt = false;
  }

  /** Assignments may come before the model and the embeddings that they speak of have been read. */
  async #catchUpWith(assignments: readonly Assignment[]): Promise<void> {
    const { models, known, signal } = this.#parts;
    const newest = Math.max(0, ...assignments.map(({ modelVersion }) => modelVersion));
    if (newest > (models.model?.version ?? 0)) await models.upToDate(signal);
    await this.#takeUpModel();
    const isUnknown = ({ modelVersion, glitchId }: Assignment): boolean =>
      modelVersion === this.#model?.version && known.store.slotOf(glitchId) === undefined;
    if (assignments.some(isUnknown)) await known.embeddingsUpToDate(signal);
  }

  /** A new model resolves alerts; what it was not told of before is measured anew. */
  async #takeUpModel(): Promise<void> {
    const { model } = this.#parts.models;
    if (model === undefined || model === this.#model) return;
    const verdict = verdictOf(model, this.#rules);
    const surroundings = this.#surroundings(model);
    await this.#appendAlerts(await resolveUnderModel(this.#state, verdict, surroundings));
    for (const familyId of changedFamilies(this.#model, model)) this.#tally.forget(familyId);
    if (this.#model === undefined) recallRates(this.#tally, model, this.#parts.known.store);
    this.#model = model;
  }

  #observe(assignment: Assignment): readonly Alert[] {
    const model = this.#model;
    // Under an older model: another assignment follows.
    if (model?.version !== assignment.modelVersion) return [];
    const { context, known, metrics } = this.#parts;
    const { state, alerts, withheld } = watchGlitch(this.#state, assignment, {
      model,
      tally: this.#tally,
      rules: this.#rules,
      glitchOf: (glitchId) => known.store.glitch(glitchId),
      nowMs: context.clock.nowMs(),
    });
    this.#state = state;
    for (const kind of withheld ?? []) metrics.alertWithheld(kind);
    return alerts;
  }

  #surroundings(model: ActiveModel) {
    const nowMs = this.#parts.context.clock.nowMs();
    return surroundingsOf(model, this.#tally, () => this.#state.watched, nowMs);
  }

  async #appendAlerts({ state, alerts }: NoveltyStep): Promise<void> {
    this.#parts.signal.throwIfAborted();
    if (alerts.length > 0) {
      this.#isInDoubt = true;
      await this.#parts.context.log.append(alerts.map(alertRecord));
      this.#isInDoubt = false;
    }
    this.#state = state;
    this.#report(alerts);
  }

  #report(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#parts.metrics.alert(alert);
  }
}

function decoded(record: LogRecord): Assignment | ClustererError {
  try {
    return Assignment.decode(record.value);
  } catch (thrown) {
    const place = `${record.topic}/${record.partition} offset ${record.offset}`;
    return new ClustererError(
      'bad_assignment',
      `Assignment at ${place}: expected a glitchwatch.v1.Assignment, found ${record.value.length} bytes that are not one`,
      { cause: asError(thrown) },
    );
  }
}
