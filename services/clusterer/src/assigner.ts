import type { OutgoingRecord } from '@glitchwatch/event-log';
import type { Alert, Assignment } from '@glitchwatch/proto';
import type { ActiveModel, Placement } from './active-model.js';
import { alertRecord, assignmentOf, assignmentRecord } from './assignment-record.js';
import type { AlertSurroundings } from './novelty/alert-message.js';
import {
  type AlertRules,
  emptyNoveltyState,
  type NoveltyState,
  observe,
  remember,
} from './novelty/alert-tracker.js';
import type { FamilyDistances, NovelGlitch } from './novelty/novel-glitch.js';
import type { ModelVerdict } from './novelty/resolution.js';
import type { AssignmentMark, ReferenceStore } from './reference-store.js';

/** What one step appends, and how to take it back in memory. */
export interface AssignerStep {
  readonly assignment: Assignment;
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
  readonly rules: AlertRules;
  readonly #nowMs: () => number;
  model: ActiveModel | undefined;
  novelty: NoveltyState = emptyNoveltyState;
  /** Glitches found on the log with an assignment of the active model, but not yet in the store. */
  alreadyAssigned = new Map<string, AssignmentMark>();

  constructor(store: ReferenceStore, rules: AlertRules, nowMs: () => number) {
    this.store = store;
    this.rules = rules;
    this.#nowMs = nowMs;
  }

  /** True where the active model has yet to give this glitch its one assignment. */
  lacksAssignment(slot: number): boolean {
    return this.model !== undefined && this.store.markAt(slot).modelVersion !== this.model.version;
  }

  /** The one assignment of a glitch under the active model; undefined where it has it, or before the first model. */
  assign(slot: number): AssignerStep | undefined {
    const { model, store } = this;
    if (model === undefined || !this.lacksAssignment(slot)) return undefined;
    const before = { mark: store.markAt(slot), novelty: this.novelty };
    const glitchId = store.idAt(slot);
    const placement = model.place(glitchId, store.vectorAt(slot));
    store.setMark(slot, { modelVersion: model.version, familyId: placement.familyId });
    const assignment = assignmentOf(
      { glitchId, trigger: store.triggerAt(slot), ingestedAtMs: store.ingestedAtMsAt(slot) },
      placement,
      { modelVersion: model.version, nowMs: this.#nowMs() },
    );
    const alerts = this.#watch(model, slot, placement);
    return {
      assignment,
      alerts,
      records: [assignmentRecord(assignment), ...alerts.map(alertRecord)],
      undo: () => {
        this.novelty = before.novelty;
        const now = store.slotOf(glitchId);
        if (now !== undefined) store.setMark(now, before.mark);
      },
    };
  }

  /** A known glitch as the novelty watch keeps it. */
  novelGlitch(
    slot: number,
    { mapX, mapY }: { readonly mapX: number; readonly mapY: number },
    toFamilies: FamilyDistances,
  ): NovelGlitch {
    const { store } = this;
    return {
      glitchId: store.idAt(slot),
      vector: store.vectorAt(slot).slice(),
      trigger: store.triggerAt(slot),
      ingestedAtMs: store.ingestedAtMsAt(slot),
      mapX,
      mapY,
      toFamilies,
    };
  }

  /** How far a known glitch is from the families of the model, as the novelty watch counts them. */
  toFamilies(model: ActiveModel, slot: number): FamilyDistances {
    return model.toFamilies(this.store.idAt(slot), this.store.vectorAt(slot), {
      groupSize: this.rules.minGroupSize,
      watched: this.novelty.watched,
    });
  }

  surroundings(model: ActiveModel): AlertSurroundings {
    return {
      modelVersion: model.version,
      nowMs: this.#nowMs(),
      nearestFamilies: (vector) => model.nearestFamilies(vector, this.novelty.watched),
    };
  }

  /** What a model says about the members of open alerts. */
  verdict(model: ActiveModel): ModelVerdict {
    const groupSize = this.rules.minGroupSize;
    return {
      place: ({ glitchId, vector }) => model.place(glitchId, vector),
      toFamilies: ({ glitchId, vector }, watched) =>
        model.toFamilies(glitchId, vector, { groupSize, watched }),
      family: (familyId) => model.family(familyId),
    };
  }

  /** A member of the reference is only remembered; a live glitch can raise or join an alert. */
  #watch(model: ActiveModel, slot: number, placement: Placement): readonly Alert[] {
    const inFamily = placement.familyId >= 0;
    if (inFamily && (placement.isReference || this.novelty.alerts.size === 0)) return [];
    const glitch = this.novelGlitch(slot, placement, this.toFamilies(model, slot));
    if (placement.isReference) {
      this.novelty = remember(this.novelty, glitch, this.rules);
      return [];
    }
    const step = observe(this.novelty, glitch, { inFamily }, this.rules, this.surroundings(model));
    this.novelty = step.state;
    return step.alerts;
  }
}
