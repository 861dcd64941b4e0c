import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog } from '@glitchwatch/event-log';
import { type Assignment, topics } from '@glitchwatch/proto';
import type { Clock } from '@glitchwatch/service-kit';
import type { ActiveModel } from '../active-model.js';
import { assignmentOf, assignmentRecord } from '../assignment-record.js';
import { ClustererError } from '../errors.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import { Mutex } from '../mutex.js';
import type { KnownGlitches } from './known-glitches.js';

/** One step, after which live work of the process has its turn. */
const STEP_GLITCHES = 256;
const STEP_MS = 20;
/** How often the assigners' commit is looked at while it is waited for. */
const POLL_MS = 20;
/** Longer than any rebalance. */
const GIVE_UP_MS = 60_000;

export interface MissingAssignmentsParts {
  readonly log: Pick<EventLog, 'append' | 'lag'>;
  /** Of the assigners. */
  readonly groupId: string;
  readonly known: KnownGlitches;
  readonly models: ModelsInForce;
  readonly metrics: ClustererMetrics;
  readonly clock: Clock;
}

/**
 * The leader's answers. Above the commit of the assigners' group a glitch is theirs;
 * what they answered is on the log before that commit. So a glitch below it that has no
 * assignment under the model in force, when all that was on the log has been read, is
 * the leader's: a member of the reference, one that came before the first model, or one
 * that an assigner answered for under the model before. That makes one assignment for
 * each glitch and model, and for each glitch never an older model after a newer one.
 */
export class MissingAssignments {
  readonly #parts: MissingAssignmentsParts;
  /** One round at a time, or two would answer for the same glitches. */
  readonly #mutex = new Mutex();

  constructor(parts: MissingAssignmentsParts) {
    this.#parts = parts;
  }

  /** Answers for every glitch that is the leader's now. Ends early where `signal` aborts. */
  give(signal: AbortSignal): Promise<void> {
    return this.#mutex.run(async () => {
      const { known, models } = this.#parts;
      const { model } = models;
      if (model === undefined || signal.aborted) return;
      if (!known.store.slotsInOrder().some((slot) => this.#lacks(slot, model))) return;
      const committed = await this.#committed();
      await known.assignmentsUpToDate(signal);
      const started = performance.now();
      // A slot may have another glitch by the time of its step: each step looks again.
      const slots = known.store.slotsInOrder();
      let given = 0;
      for (let at = 0; at < slots.length && models.model === model && !signal.aborted; ) {
        const step = this.#answer(model, slots, at, committed);
        at = step.next;
        given += step.assignments.length;
        await this.#append(step.assignments);
      }
      if (given > 0) this.#parts.metrics.stage('reassign', (performance.now() - started) / 1_000);
    });
  }

  /**
   * Resolves when every glitch known now has its assignment under the model in force.
   *
   * @throws ClustererError `assigners_away` where the assigners' commit stands still
   *   below one of them.
   */
  async giveAll(signal: AbortSignal): Promise<void> {
    const { known, models } = this.#parts;
    const { model } = models;
    if (model === undefined) return;
    const { store } = known;
    let waiting = store.slotsInOrder().map((slot) => store.idAt(slot));
    let progressAt = performance.now();
    for (;;) {
      await this.give(signal);
      signal.throwIfAborted();
      const before = waiting.length;
      waiting = waiting.filter((glitchId) => {
        const slot = store.slotOf(glitchId);
        return slot !== undefined && this.#lacks(slot, model);
      });
      if (waiting.length === 0) return;
      if (waiting.length < before) progressAt = performance.now();
      else if (performance.now() - progressAt > GIVE_UP_MS) throw this.#away(waiting.length);
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #lacks(slot: number, model: ActiveModel): boolean {
    return this.#parts.known.store.markAt(slot).modelVersion < model.version;
  }

  async #committed(): Promise<ReadonlyMap<number, bigint>> {
    const { log, groupId } = this.#parts;
    const committed = new Map<number, bigint>();
    for (const lag of await log.lag(groupId, [topics.embeddings]))
      if (lag.committed !== undefined) committed.set(lag.partition, lag.committed);
    return committed;
  }

  /** Answers for as many as live work may wait for, and the place in `slots` after them. */
  #answer(
    model: ActiveModel,
    slots: readonly number[],
    from: number,
    committed: ReadonlyMap<number, bigint>,
  ): { readonly assignments: readonly Assignment[]; readonly next: number } {
    const { known, clock } = this.#parts;
    const { store } = known;
    const started = performance.now();
    const assignments: Assignment[] = [];
    let next = from;
    while (
      next < slots.length &&
      assignments.length < STEP_GLITCHES &&
      performance.now() - started < STEP_MS
    ) {
      const slot = slots[next++]!;
      if (!this.#lacks(slot, model) || !store.isBelow(slot, committed)) continue;
      const glitchId = store.idAt(slot);
      const glitch = {
        glitchId,
        trigger: store.triggerAt(slot),
        ingestedAtMs: store.ingestedAtMsAt(slot),
      };
      const placement = model.place(glitchId, store.vectorAt(slot));
      const now = { modelVersion: model.version, nowMs: clock.nowMs() };
      const assignment = assignmentOf(glitch, placement, now);
      const before = this.#familyBefore(slot, model);
      if (before !== undefined && before !== assignment.familyId)
        assignment.previousFamilyId = before;
      assignments.push(assignment);
    }
    return { assignments, next };
  }

  /** What the log said of the glitch last; after a restart the model's own memory of it. */
  #familyBefore(slot: number, model: ActiveModel): number | undefined {
    const { store } = this.#parts.known;
    const { modelVersion, familyId } = store.markAt(slot);
    if (modelVersion > 0) return familyId;
    return model.version > 1 ? model.previousFamilyOf(store.idAt(slot)) : undefined;
  }

  async #append(assignments: readonly Assignment[]): Promise<void> {
    const { log, known, metrics } = this.#parts;
    if (assignments.length > 0) await log.append(assignments.map(assignmentRecord));
    for (const { glitchId, modelVersion, familyId } of assignments) {
      known.mark(glitchId, { modelVersion, familyId });
      metrics.reassigned({ unassigned: familyId < 0 });
    }
    await nextTurn();
  }

  #away(waiting: number): ClustererError {
    const { groupId } = this.#parts;
    return new ClustererError(
      'assigners_away',
      `Group ${groupId}: expected the assigners to commit what was embedded before the model, found no progress within ${GIVE_UP_MS / 1_000} s; ${waiting} glitches wait for them`,
    );
  }
}
