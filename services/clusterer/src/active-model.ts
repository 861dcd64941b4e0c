import {
  createTransform,
  fitTail,
  type HnswIndex,
  type ScoreTail,
  tailPValue,
} from '@glitchwatch/numerics';
import type { FamilyDistance, Neighbour } from '@glitchwatch/proto';
import { meanOf, noveltyPValue } from './calibration.js';
import { familyPredictor, type PredictedFamily } from './family-prediction.js';
import type { FittedModel } from './fit.js';
import { openIndex } from './index-file.js';
import type { ModelSnapshot } from './model-snapshot.js';
import type { FamilyDistances } from './novelty/novel-glitch.js';

/** Where a model puts one glitch. */
export interface Placement {
  readonly familyId: number;
  readonly membershipProbability: number;
  readonly outlierScore: number;
  readonly noveltyPValue: number;
  readonly mapX: number;
  readonly mapY: number;
  /** Nearest reference glitches, nearest first. */
  readonly neighbours: readonly Neighbour[];
  readonly isReference: boolean;
}

export interface PlacementRules {
  /** Neighbours named in a placement. */
  readonly listed: number;
  readonly noveltyAlpha: number;
}

/** Reference rows looked at for the nearest families: a few do for most glitches. */
const NARROW_SEARCH = 16;
const WIDE_SEARCH = 256;
const NEAREST_FAMILIES = 3;

/** A fitted model ready to place glitches; never changes, so the same glitch always gets the same place. */
export class ActiveModel {
  readonly snapshot: ModelSnapshot;
  readonly activatedAtMs: number;
  readonly #index: HnswIndex;
  readonly #rules: PlacementRules;
  readonly #rowOf: ReadonlyMap<string, number>;
  readonly #placeOnMap: ReturnType<typeof createTransform>;
  readonly #familyAt: (place: Float32Array) => PredictedFamily;
  readonly #nMembers: number;
  /** Of the whole reference, ascending: what comes from the same population is exchangeable with it. */
  readonly #scores: Float64Array;
  readonly #tail: ScoreTail | undefined;

  private constructor(
    snapshot: ModelSnapshot,
    index: HnswIndex,
    rules: PlacementRules,
    activatedAtMs: number,
  ) {
    const { fit } = snapshot;
    this.snapshot = snapshot;
    this.activatedAtMs = activatedAtMs;
    this.#index = index;
    this.#rules = rules;
    this.#rowOf = new Map(fit.glitchIds.map((glitchId, row) => [glitchId, row]));
    this.#nMembers = fit.labels.filter((label) => label >= 0).length;
    this.#scores = Float64Array.from(fit.rowScores).sort();
    this.#tail = fitTail(this.#scores);
    this.#placeOnMap = createTransform({
      points: { rows: fit.glitchIds.length, cols: fit.dimension, data: fit.vectors },
      embedding: fit.layout,
      params: fit.umapParams,
    });
    this.#familyAt = familyPredictor(fit);
  }

  static async open(
    snapshot: ModelSnapshot,
    rules: PlacementRules,
    activatedAtMs: number,
  ): Promise<ActiveModel> {
    const { indexGraph, vectors, dimension } = snapshot.fit;
    const index = await openIndex(indexGraph, vectors, dimension);
    return new ActiveModel(snapshot, index, rules, activatedAtMs);
  }

  get version(): number {
    return this.snapshot.modelVersion;
  }

  /** Glitches of the reference that are in a family. */
  get nMembers(): number {
    return this.#nMembers;
  }

  get fit(): FittedModel {
    return this.snapshot.fit;
  }

  isReference(glitchId: string): boolean {
    return this.#rowOf.has(glitchId);
  }

  /** Where a glitch is on the map of this model; undefined where it is not of its reference. */
  mapPlaceOf(glitchId: string): readonly [x: number, y: number] | undefined {
    const row = this.#rowOf.get(glitchId);
    if (row === undefined) return undefined;
    return [this.fit.layout[2 * row]!, this.fit.layout[2 * row + 1]!];
  }

  /** The family of a member of the reference before this model; undefined where it is none. */
  previousFamilyOf(glitchId: string): number | undefined {
    const row = this.#rowOf.get(glitchId);
    return row === undefined ? undefined : this.fit.previousFamilyIds[row];
  }

  /** Fit results for members of the reference, else by nearest neighbours. */
  place(glitchId: string, vector: Float32Array): Placement {
    const row = this.#rowOf.get(glitchId);
    return row === undefined ? this.#placeLive(vector) : this.#placeReference(row);
  }

  /** Families by the cosine distance to their nearest member, as far as a wide search meets them. */
  nearestFamilies(vector: Float32Array, watched: ReadonlySet<string>): FamilyDistance[] {
    const nearest = new Map<number, number>();
    for (const { row, distance } of this.#membersAround(vector, WIDE_SEARCH, watched).members) {
      const familyId = this.fit.familyIds[row]!;
      if (!nearest.has(familyId)) nearest.set(familyId, distance);
      if (nearest.size === NEAREST_FAMILIES) break;
    }
    return [...nearest].map(([familyId, distance]) => ({ familyId, distance }));
  }

  /**
   * How far a glitch is from what is known: from the nearest member of any family, and
   * from the nearest but `groupSize` - 1. Where a wide search meets too few, they are at
   * least as far as it reaches. 0 where the model has no family to differ from.
   *
   * @param watched Glitches that do not count as members.
   */
  toFamilies(
    glitchId: string,
    vector: Float32Array,
    { groupSize, watched }: { readonly groupSize: number; readonly watched: ReadonlySet<string> },
  ): FamilyDistances {
    if (this.fit.families.length === 0) return { nearest: 0, group: 0 };
    const own = this.#rowOf.get(glitchId);
    let [members, reach]: [number[], number] = [[], 0];
    for (const width of [NARROW_SEARCH, WIDE_SEARCH]) {
      const around = this.#membersAround(vector, width, watched);
      members = around.members.filter(({ row }) => row !== own).map(({ distance }) => distance);
      reach = around.reach;
      if (members.length >= groupSize) break;
    }
    return { nearest: members[0] ?? reach, group: members[groupSize - 1] ?? reach };
  }

  /** Whether a family has come with this model, beside older ones: its glitches are few as yet. */
  isYoung(familyId: number): boolean {
    const { firstModelVersions } = this.snapshot;
    if (firstModelVersions.get(familyId) !== this.version) return false;
    return [...firstModelVersions.values()].some((first) => first < this.version);
  }

  /** What the family is made of under this model. */
  family(familyId: number): { readonly isNew: boolean; readonly size: number } {
    const family = this.fit.families.find((one) => one.familyId === familyId);
    return {
      isNew: this.snapshot.firstModelVersions.get(familyId) === this.version,
      size: family?.memberRows.length ?? 0,
    };
  }

  /** Members of families among the nearest reference rows, nearest first, and how far those reach. */
  #membersAround(
    vector: Float32Array,
    width: number,
    watched: ReadonlySet<string>,
  ): {
    readonly members: readonly { readonly row: number; readonly distance: number }[];
    readonly reach: number;
  } {
    const { indices, distances } = this.#index.search(vector, width);
    const found = Array.from(indices, (row, i) => ({ row, distance: distances[i]! }));
    return {
      members: found.filter(
        ({ row }) => this.fit.familyIds[row]! >= 0 && !watched.has(this.fit.glitchIds[row]!),
      ),
      reach: distances.at(-1) ?? 0,
    };
  }

  #placeReference(row: number): Placement {
    const { fit } = this;
    const { k, indices, distances } = fit.neighbours;
    const from = row * k;
    const to = from + Math.min(k, this.#rules.listed);
    return {
      familyId: fit.familyIds[row]!,
      membershipProbability: fit.probabilities[row]!,
      outlierScore: fit.outlierScores[row]!,
      noveltyPValue: noveltyPValue(this.#scores, fit.rowScores[row]!, { calibrates: true }),
      mapX: fit.layout[2 * row]!,
      mapY: fit.layout[2 * row + 1]!,
      neighbours: this.#named(indices.subarray(from, to), distances.subarray(from, to)),
      isReference: true,
    };
  }

  #placeLive(vector: Float32Array): Placement {
    const { fit } = this;
    const found = this.#index.search(vector, fit.params.neighbours);
    const score = meanOf(found.distances, fit.params.noveltyNeighbours);
    const pValue = tailPValue(this.#scores, this.#tail, score);
    const place = this.#placeOnMap(
      { rows: 1, cols: fit.dimension, data: vector },
      { knn: { k: found.indices.length, ...found } },
    );
    const predicted = this.#familyAt(place);
    const isFarOut = this.#isFarOut(score);
    return {
      familyId: isFarOut ? -1 : predicted.familyId,
      membershipProbability: isFarOut ? 0 : predicted.probability,
      outlierScore: predicted.outlierScore,
      noveltyPValue: pValue,
      mapX: place[0]!,
      mapY: place[1]!,
      neighbours: this.#named(
        found.indices.subarray(0, this.#rules.listed),
        found.distances.subarray(0, this.#rules.listed),
      ),
      isReference: false,
    };
  }

  /**
   * Whether a glitch is too far out for any family is judged by members of families alone:
   * what the fit left out must not make its like look ordinary. Below alpha; or as small
   * as a p-value gets where the model has fewer than 1 / alpha members: further out than
   * every one of them.
   */
  #isFarOut(score: number): boolean {
    const { calibrationScores } = this.fit;
    const pValue = noveltyPValue(calibrationScores, score, { calibrates: false });
    const smallest = 1 / (calibrationScores.length + 1);
    return pValue < this.#rules.noveltyAlpha || pValue <= smallest;
  }

  #named(rows: Int32Array, distances: Float32Array): Neighbour[] {
    return Array.from(rows, (row, i) => ({
      glitchId: this.fit.glitchIds[row]!,
      distance: distances[i]!,
      familyId: this.fit.familyIds[row]!,
    }));
  }
}
