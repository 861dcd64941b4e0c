import { type Alert, Trigger } from '@glitchwatch/proto';
import { ActiveModel, type Placement } from '../active-model.js';
import type { ClustererConfig } from '../config.js';
import type { FittedModel } from '../fit.js';
import type { KnownGlitch } from '../reference-store.js';
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
import type { FamilyDistances } from './novel-glitch.js';
import { resolveUnderModel } from './resolution.js';
import { verdictOf } from './under-model.js';
import { surroundingsIn, type WatchModel, watchGlitch } from './watch-glitch.js';

export interface TrialGlitch {
  readonly glitchId: string;
  /** Of the same number is the same vector: it is placed once. */
  readonly vectorNumber: number;
  readonly vector: Float32Array;
  readonly atMs: number;
}

const DAY_MS = 86_400_000;
/** Half of it is as many as any window of the watch may ask for. */
const MAX_REMEMBERED = 40_000;

interface Remembered extends KnownGlitch {
  /** Undefined for one of the reference. */
  readonly vectorNumber: number | undefined;
}

/**
 * The novelty watch under a model, without a log and at times of one's own: what
 * `bench novelty` measures is what the leader does with each assignment.
 */
export class NoveltyTrial {
  readonly #config: ClustererConfig;
  readonly #rules: AlertRules;
  readonly #places = new Map<number, Placement>();
  readonly #distances = new Map<number, FamilyDistances>();
  readonly #known = new Map<string, Remembered>();
  #model: ActiveModel;
  #watchModel: WatchModel;
  #tally = new LiveTally();
  #state: NoveltyState = emptyNoveltyState;

  private constructor(model: ActiveModel, config: ClustererConfig) {
    this.#config = config;
    this.#rules = alertRulesOf(config);
    this.#model = model;
    this.#watchModel = this.#cached(model);
  }

  static async open(fit: FittedModel, config: ClustererConfig): Promise<NoveltyTrial> {
    return new NoveltyTrial(await activeModel(fit, config, undefined), config);
  }

  /** Nothing was raised yet; the reference came just before, at the rate of what comes. */
  begin({ perDay, atMs }: { readonly perDay: number; readonly atMs: number }): void {
    this.#tally = new LiveTally();
    const { length } = this.#model.fit.glitchIds;
    for (let n = length; n > 0; n--) this.#tally.recall(atMs - (n * DAY_MS) / perDay);
    this.#state = emptyNoveltyState;
    this.#known.clear();
    this.#watchReference(atMs);
  }

  /** The next model comes into force: the alert revisions that it gives rise to. */
  async renew(fit: FittedModel, atMs: number): Promise<readonly Alert[]> {
    const before = this.#model;
    const model = await activeModel(fit, this.#config, before);
    const parts = { ...this.#parts(atMs), model };
    const surroundings = surroundingsIn(parts, () => this.#state.watched);
    const verdict = verdictOf(model, this.#rules);
    const alerts = this.#take(await resolveUnderModel(this.#state, verdict, surroundings));
    for (const familyId of changedFamilies(before, model)) this.#tally.forget(familyId);
    this.#model = model;
    this.#watchModel = this.#cached(model);
    this.#places.clear();
    this.#distances.clear();
    this.#watchReference(atMs);
    return alerts;
  }

  get fit(): FittedModel {
    return this.#model.fit;
  }

  placeOf(vectorNumber: number, vector: Float32Array): Placement {
    const known = this.#places.get(vectorNumber);
    if (known !== undefined) return known;
    const place = this.#model.place('', vector);
    this.#places.set(vectorNumber, place);
    return place;
  }

  /** The alert revisions that the glitch gives rise to. */
  watch({ glitchId, vectorNumber, vector, atMs }: TrialGlitch): readonly Alert[] {
    this.#remember({ ...knownAs(glitchId, vector, atMs), vectorNumber });
    const assignment = { ...this.placeOf(vectorNumber, vector), glitchId };
    return this.#take(watchGlitch(this.#state, assignment, this.#parts(atMs)));
  }

  /** What becomes due by itself. */
  tick(atMs: number): readonly Alert[] {
    const parts = this.#parts(atMs);
    const surroundings = surroundingsIn(parts, () => this.#state.watched);
    const revised = this.#take(reviseDue(this.#state, parts.rules, surroundings));
    return [...revised, ...this.#take(settleLone(this.#state, parts.rules, surroundings))];
  }

  /** The leader answers for the reference under each model: what no family took is watched. */
  #watchReference(atMs: number): void {
    const { glitchIds, familyIds, vectors, dimension } = this.#model.fit;
    for (const [row, glitchId] of glitchIds.entries()) {
      if (familyIds[row]! >= 0) continue;
      const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
      this.#remember({ ...knownAs(glitchId, vector, atMs), vectorNumber: undefined });
      const assignment = { ...this.#model.place(glitchId, vector), glitchId };
      this.#take(watchGlitch(this.#state, assignment, this.#parts(atMs)));
    }
  }

  #remember(glitch: Remembered): void {
    this.#known.set(glitch.glitchId, glitch);
    if (this.#known.size <= MAX_REMEMBERED) return;
    // Many at once: a map skips what was deleted before its first entry, each time anew.
    let left = MAX_REMEMBERED / 2;
    for (const glitchId of this.#known.keys()) {
      if (left-- <= 0) break;
      this.#known.delete(glitchId);
    }
  }

  #parts(nowMs: number) {
    return {
      model: this.#watchModel,
      tally: this.#tally,
      rules: this.#rules,
      glitchOf: (glitchId: string) => this.#known.get(glitchId),
      nowMs,
    };
  }

  #cached(model: ActiveModel): WatchModel {
    return {
      version: model.version,
      nMembers: model.nMembers,
      isReference: (glitchId) => model.isReference(glitchId),
      place: (glitchId, vector) => this.#placeOfGlitch(glitchId, vector),
      toFamilies: (glitchId, vector, of) => this.#toFamilies(glitchId, vector, of),
      nearestFamilies: (vector, watched) => model.nearestFamilies(vector, watched),
      isYoung: (familyId) => model.isYoung(familyId),
    };
  }

  #placeOfGlitch(glitchId: string, vector: Float32Array): Placement {
    const number = this.#known.get(glitchId)?.vectorNumber;
    return number === undefined
      ? this.#model.place(glitchId, vector)
      : this.placeOf(number, vector);
  }

  #toFamilies(
    glitchId: string,
    vector: Float32Array,
    of: { readonly groupSize: number; readonly watched: ReadonlySet<string> },
  ): FamilyDistances {
    const number = this.#known.get(glitchId)?.vectorNumber;
    const cached = number === undefined ? undefined : this.#distances.get(number);
    if (cached !== undefined) return cached;
    const distances = this.#model.toFamilies(glitchId, vector, of);
    if (number !== undefined) this.#distances.set(number, distances);
    return distances;
  }

  #take({ state, alerts }: NoveltyStep): readonly Alert[] {
    this.#state = state;
    return alerts;
  }
}

function activeModel(
  fit: FittedModel,
  { noveltyAlpha }: ClustererConfig,
  before: ActiveModel | undefined,
): Promise<ActiveModel> {
  const modelVersion = (before?.version ?? 0) + 1;
  const known = before?.snapshot.firstModelVersions;
  const snapshot = {
    modelVersion,
    embedderSha256: '',
    firstModelVersions: new Map(
      fit.families.map(({ familyId }) => [familyId, known?.get(familyId) ?? modelVersion]),
    ),
    assignmentOffsets: new Map<number, bigint>(),
    fit,
  };
  return ActiveModel.open(snapshot, { listed: 0, noveltyAlpha }, 0);
}

function knownAs(glitchId: string, vector: Float32Array, ingestedAtMs: number): KnownGlitch {
  return { glitchId, vector, trigger: Trigger.fromPartial({ glitchId }), ingestedAtMs };
}
