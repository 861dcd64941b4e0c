import { type Alert, Trigger } from '@glitchwatch/proto';
import { ActiveModel, type Placement } from '../active-model.js';
import type { ClustererConfig } from '../config.js';
import type { FittedModel } from '../fit.js';
import type { KnownGlitch } from '../reference-store.js';
import { alertRulesOf } from './alert-rules.js';
import {
  emptyNoveltyState,
  type NoveltyState,
  type NoveltyStep,
  reviseDue,
} from './alert-tracker.js';
import { LiveTally } from './live-tally.js';
import { settleLone } from './lone-alerts.js';
import type { FamilyDistances } from './novel-glitch.js';
import { surroundingsIn, type WatchModel, watchGlitch } from './watch-glitch.js';

export interface TrialGlitch {
  readonly glitchId: string;
  /** Of the same number is the same vector: it is placed once. */
  readonly vectorNumber: number;
  readonly vector: Float32Array;
  readonly atMs: number;
}

const DAY_MS = 86_400_000;
/** As many as any window of the watch may ask for. */
const MAX_REMEMBERED = 20_000;

/**
 * The novelty watch over one model, without a log and at times of one's own: what
 * `bench novelty` measures is what the leader does with each assignment.
 */
export class NoveltyTrial {
  readonly #model: ActiveModel;
  readonly #config: ClustererConfig;
  readonly #places = new Map<number, Placement>();
  readonly #distances = new Map<number, FamilyDistances>();
  readonly #known = new Map<string, KnownGlitch & { readonly vectorNumber: number }>();
  #tally = new LiveTally();
  #state: NoveltyState = emptyNoveltyState;

  private constructor(model: ActiveModel, config: ClustererConfig) {
    this.#model = model;
    this.#config = config;
  }

  static async open(fit: FittedModel, config: ClustererConfig): Promise<NoveltyTrial> {
    const snapshot = {
      modelVersion: 1,
      embedderSha256: '',
      firstModelVersions: new Map(fit.families.map(({ familyId }) => [familyId, 1])),
      assignmentOffsets: new Map<number, bigint>(),
      fit,
    };
    const rules = { listed: 0, noveltyAlpha: config.noveltyAlpha };
    return new NoveltyTrial(await ActiveModel.open(snapshot, rules, 0), config);
  }

  /** Nothing was raised yet; the reference came just before, at the rate of what comes. */
  begin({ perDay, atMs }: { readonly perDay: number; readonly atMs: number }): void {
    this.#tally = new LiveTally();
    const { length } = this.#model.fit.glitchIds;
    for (let n = length; n > 0; n--) this.#tally.recall(atMs - (n * DAY_MS) / perDay);
    this.#state = emptyNoveltyState;
    this.#known.clear();
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
    const trigger = Trigger.fromPartial({ glitchId });
    this.#known.set(glitchId, { glitchId, vector, trigger, ingestedAtMs: atMs, vectorNumber });
    if (this.#known.size > MAX_REMEMBERED) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
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

  #parts(nowMs: number) {
    const model = this.#model;
    const cached: WatchModel = {
      version: model.version,
      nMembers: model.nMembers,
      isReference: () => false,
      place: (glitchId, vector) => this.#placeOfGlitch(glitchId, vector),
      toFamilies: (glitchId, vector, of) => this.#toFamilies(glitchId, vector, of),
      nearestFamilies: (vector, watched) => model.nearestFamilies(vector, watched),
    };
    return {
      model: cached,
      tally: this.#tally,
      rules: alertRulesOf(this.#config),
      glitchOf: (glitchId: string) => this.#known.get(glitchId),
      nowMs,
    };
  }

  #placeOfGlitch(glitchId: string, vector: Float32Array): Placement {
    const known = this.#known.get(glitchId);
    return known === undefined
      ? this.#model.place('', vector)
      : this.placeOf(known.vectorNumber, vector);
  }

  #toFamilies(
    glitchId: string,
    vector: Float32Array,
    of: { readonly groupSize: number; readonly watched: ReadonlySet<string> },
  ): FamilyDistances {
    const number = this.#known.get(glitchId)?.vectorNumber;
    const cached = number === undefined ? undefined : this.#distances.get(number);
    if (cached !== undefined) return cached;
    const distances = this.#model.toFamilies('', vector, of);
    if (number !== undefined) this.#distances.set(number, distances);
    return distances;
  }

  #take({ state, alerts }: NoveltyStep): readonly Alert[] {
    this.#state = state;
    return alerts;
  }
}
