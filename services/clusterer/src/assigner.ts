import type { OutgoingRecord } from '@glitchwatch/event-log';
import type { Alert, Assignment } from '@glitchwatch/proto';
import type { ActiveModel } from './active-model.js';
import { alertRecord, assignmentOf, assignmentRecord } from './assignment-record.js';
import {
  type AlertRules,
  emptyNoveltyState,
  type NoveltyState,
  type NoveltySurroundings,
  observe,
  remember,
} from './novelty/alert-tracker.js';
import type { AssignmentMark, ReferenceStore } from './reference-store.js';

export interface AssignerRules {
  readonly noveltyAlpha: number;
  readonly alerts: AlertRules;
}

/** What one step appends, and how to take it back in memory. */
export interface AssignerStep {
  readonly assignments: readonly Assignment[];
  readonly alerts: readonly Alert[];
  readonly records: readonly OutgoingRecord[];
  readonly undo: () => void;
}

/**
 * Known glitches, the active model and the novelty watch: everything an
 * assignment depends on. Used under the clusterer's mutex.
 */
export class Assigner {
  readonly store: ReferenceStore;
  readonly rules: AssignerRules;
  readonly #nowMs: () => number;
  model: ActiveModel | undefined;
  novelty: NoveltyState = emptyNoveltyState;
  /** Glitches found on the log with an assignment of the active model, but not yet in the store. */
  alreadyAssigned = new Map<string, AssignmentMark>();

  constructor(store: ReferenceStore, rules: AssignerRules, nowMs: () => number) {
    this.store = store;
    this.rules = rules;
    this.#nowMs = nowMs;
  }

  /** True where the active model has yet to give this glitch its one assignment. */
  lacksAssignment(slot: number): boolean {
    return this.model !== undefined && this.store.markAt(slot).modelVersion !== this.model.version;
  }

  /** Assigns the glitches that lack it under the active model; none before the first. */
  assign(slots: readonly number[]): AssignerStep {
    const { model, store } = this;
    const before = { novelty: this.novelty, marks: new Map<string, AssignmentMark>() };
    const assignments: Assignment[] = [];
    const alerts: Alert[] = [];
    for (const slot of slots) {
      if (model === undefined || !this.lacksAssignment(slot)) continue;
      before.marks.set(store.idAt(slot), store.markAt(slot));
      const assignment = this.#assignOne(model, slot);
      assignments.push(assignment);
      if (assignment.familyId < 0) alerts.push(...this.#watch(model, slot, assignment));
    }
    return {
      assignments,
      alerts,
      records: [...assignments.map(assignmentRecord), ...alerts.map(alertRecord)],
      undo: () => {
        this.novelty = before.novelty;
        for (const [glitchId, mark] of before.marks) {
          const slot = store.slotOf(glitchId);
          if (slot !== undefined) store.setMark(slot, mark);
        }
      },
    };
  }

  surroundings(model: ActiveModel): NoveltySurroundings {
    return {
      modelVersion: model.version,
      nowMs: this.#nowMs(),
      threshold: model.fit.linkThreshold,
      nearestFamilies: (vector) => model.nearestFamilies(vector),
    };
  }

  /** A member of the reference is only remembered; a live glitch can raise or join an alert. */
  #watch(model: ActiveModel, slot: number, assignment: Assignment): readonly Alert[] {
    const isNovel = assignment.noveltyPValue < this.rules.noveltyAlpha;
    const glitch = {
      glitchId: assignment.glitchId,
      vector: this.store.vectorAt(slot).slice(),
      trigger: this.store.triggerAt(slot),
      ingestedAtMs: Number(assignment.ingestedAtMs),
      mapX: assignment.mapX,
      mapY: assignment.mapY,
    };
    if (model.isReference(assignment.glitchId)) {
      if (isNovel) this.novelty = remember(this.novelty, glitch, this.rules.alerts);
      return [];
    }
    const step = observe(
      this.novelty,
      glitch,
      { isNovel },
      this.rules.alerts,
      this.surroundings(model),
    );
    this.novelty = step.state;
    return step.alerts;
  }

  #assignOne(model: ActiveModel, slot: number): Assignment {
    const { store } = this;
    const glitchId = store.idAt(slot);
    const placement = model.place(glitchId, store.vectorAt(slot));
    store.setMark(slot, { modelVersion: model.version, familyId: placement.familyId });
    return assignmentOf(
      { glitchId, trigger: store.triggerAt(slot), ingestedAtMs: store.ingestedAtMsAt(slot) },
      placement,
      { modelVersion: model.version, nowMs: this.#nowMs() },
    );
  }
}
