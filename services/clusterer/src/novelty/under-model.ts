import type { ActiveModel } from '../active-model.js';
import type { ReferenceStore } from '../reference-store.js';
import type { AlertSurroundings } from './alert-message.js';
import type { AlertRules } from './alert-tracker.js';
import type { LiveTally } from './live-tally.js';
import type { FamilyDistances, NovelGlitch } from './novel-glitch.js';
import type { ModelVerdict } from './resolution.js';

/** When a glitch came to the watch. */
export interface Arrival {
  /** Live glitches until then; see NovelGlitch. */
  readonly arrival: number;
  readonly isLate: boolean;
}

/** A known glitch as the novelty watch keeps it. */
export function watchedGlitch(
  store: ReferenceStore,
  slot: number,
  { mapX, mapY }: { readonly mapX: number; readonly mapY: number },
  distances: FamilyDistances,
  arrival: Arrival,
): NovelGlitch {
  return {
    glitchId: store.idAt(slot),
    vector: store.vectorAt(slot).slice(),
    trigger: store.triggerAt(slot),
    ingestedAtMs: store.ingestedAtMsAt(slot),
    mapX,
    mapY,
    toFamilies: distances,
    ...arrival,
  };
}

/** How far a known glitch is from the families of the model, as the novelty watch counts them. */
export function toFamilies(
  model: ActiveModel,
  store: ReferenceStore,
  slot: number,
  { rules, watched }: { readonly rules: AlertRules; readonly watched: ReadonlySet<string> },
): FamilyDistances {
  return model.toFamilies(store.idAt(slot), store.vectorAt(slot), {
    groupSize: rules.familyFrom,
    watched,
  });
}

/** @param watched Asked late, because it changes with the state. */
export function surroundingsOf(
  model: Pick<ActiveModel, 'version' | 'nMembers' | 'nearestFamilies' | 'isYoung'>,
  tally: LiveTally,
  watched: () => ReadonlySet<string>,
  nowMs: number,
): AlertSurroundings {
  return {
    modelVersion: model.version,
    nowMs,
    // Before the first glitch there is no other time.
    atMs: Number.isFinite(tally.nowMs) ? tally.nowMs : nowMs,
    arrivals: { count: tally.count, perDay: tally.perDay, known: model.nMembers },
    nearestFamilies: (vector) => model.nearestFamilies(vector, watched()),
    isYoung: (familyId) => model.isYoung(familyId),
  };
}

/** What a model says about the members of open alerts. */
export function verdictOf(model: ActiveModel, { familyFrom }: AlertRules): ModelVerdict {
  return {
    place: ({ glitchId, vector }) => model.place(glitchId, vector),
    toFamilies: ({ glitchId, vector }, watched) =>
      model.toFamilies(glitchId, vector, { groupSize: familyFrom, watched }),
    family: (familyId) => model.family(familyId),
  };
}
