import { type HnswIndex, transformUmap, type UmapReference } from '@glitchwatch/numerics';
import type { FamilyDistance, Neighbour } from '@glitchwatch/proto';
import { isCalibrating, meanOf, noveltyPValue } from './calibration.js';
import { predictFamily } from './family-prediction.js';
import type { FittedModel } from './fit.js';
import { openIndex } from './index-file.js';
import type { ModelSnapshot } from './model-snapshot.js';

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
  /** Cosine distance to the nearest neighbour that is in a family; infinite where none is. */
  readonly distanceToFamily: number;
  readonly isReference: boolean;
}

export interface PlacementRules {
  /** Neighbours named in a placement. */
  readonly listed: number;
  readonly noveltyAlpha: number;
}

/** Reference rows looked at for the nearest families of an alert. */
const FAMILY_SEARCH_WIDTH = 256;
const NEAREST_FAMILIES = 3;

/** A fitted model ready to place glitches; never changes, so the same glitch always gets the same place. */
export class ActiveModel {
  readonly snapshot: ModelSnapshot;
  readonly activatedAtMs: number;
  readonly #index: HnswIndex;
  readonly #rules: PlacementRules;
  readonly #rowOf: ReadonlyMap<string, number>;
  readonly #calibrates: (row: number) => boolean;
  readonly #map: UmapReference;

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
    this.#calibrates = isCalibrating(fit.labels);
    this.#map = {
      points: { rows: fit.glitchIds.length, cols: fit.dimension, data: fit.vectors },
      embedding: fit.layout,
      params: fit.umapParams,
    };
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

  get fit(): FittedModel {
    return this.snapshot.fit;
  }

  /**
   * Can this glitch belong to a new family? It is in none, lies further out than the
   * known population does, and no member of a family is as near to it as members
   * are to one another: else every sparse family would grow alerts at its rim.
   */
  isNovel({ familyId, noveltyPValue: pValue, distanceToFamily }: Placement): boolean {
    return familyId < 0 && this.#isFarOut(pValue) && distanceToFamily > this.fit.linkThreshold;
  }

  isReference(glitchId: string): boolean {
    return this.#rowOf.has(glitchId);
  }

  /** Fit results for members of the reference, else by nearest neighbours. */
  place(glitchId: string, vector: Float32Array): Placement {
    const row = this.#rowOf.get(glitchId);
    return row === undefined ? this.#placeLive(vector) : this.#placeReference(row);
  }

  /** Families by the cosine distance to their nearest member, as far as a wide search meets them. */
  nearestFamilies(vector: Float32Array): FamilyDistance[] {
    const { indices, distances } = this.#index.search(vector, FAMILY_SEARCH_WIDTH);
    const nearest = new Map<number, number>();
    for (let i = 0; i < indices.length && nearest.size < NEAREST_FAMILIES; i++) {
      const familyId = this.fit.familyIds[indices[i]!]!;
      if (familyId >= 0 && !nearest.has(familyId)) nearest.set(familyId, distances[i]!);
    }
    return [...nearest].map(([familyId, distance]) => ({ familyId, distance }));
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
      noveltyPValue: noveltyPValue(fit.calibrationScores, fit.rowScores[row]!, {
        calibrates: this.#calibrates(row),
      }),
      mapX: fit.layout[2 * row]!,
      mapY: fit.layout[2 * row + 1]!,
      neighbours: this.#named(indices.subarray(from, to), distances.subarray(from, to)),
      distanceToFamily: this.#distanceToFamily(
        indices.subarray(from, from + k),
        distances.subarray(from, from + k),
      ),
      isReference: true,
    };
  }

  #placeLive(vector: Float32Array): Placement {
    const { fit } = this;
    const found = this.#index.search(vector, fit.params.neighbours);
    const score = meanOf(found.distances, fit.params.noveltyNeighbours);
    const pValue = noveltyPValue(fit.calibrationScores, score, { calibrates: false });
    const place = transformUmap(
      this.#map,
      { rows: 1, cols: fit.dimension, data: vector },
      { knn: { k: found.indices.length, ...found } },
    );
    const predicted = predictFamily(fit, place);
    const isNovel = this.#isFarOut(pValue);
    return {
      familyId: isNovel ? -1 : predicted.familyId,
      membershipProbability: isNovel ? 0 : predicted.probability,
      outlierScore: predicted.outlierScore,
      noveltyPValue: pValue,
      mapX: place[0]!,
      mapY: place[1]!,
      neighbours: this.#named(
        found.indices.subarray(0, this.#rules.listed),
        found.distances.subarray(0, this.#rules.listed),
      ),
      distanceToFamily: this.#distanceToFamily(found.indices, found.distances),
      isReference: false,
    };
  }

  /**
   * Below alpha; or as small as a p-value gets where the model has fewer than
   * 1 / alpha members: further out than every one of them.
   */
  #isFarOut(pValue: number): boolean {
    const smallest = 1 / (this.fit.calibrationScores.length + 1);
    return pValue < this.#rules.noveltyAlpha || pValue <= smallest;
  }

  #distanceToFamily(rows: Int32Array, distances: Float32Array): number {
    const nearest = rows.findIndex((row) => this.fit.familyIds[row]! >= 0);
    return nearest < 0 ? Number.POSITIVE_INFINITY : distances[nearest]!;
  }

  #named(rows: Int32Array, distances: Float32Array): Neighbour[] {
    return Array.from(rows, (row, i) => ({
      glitchId: this.fit.glitchIds[row]!,
      distance: distances[i]!,
      familyId: this.fit.familyIds[row]!,
    }));
  }
}
