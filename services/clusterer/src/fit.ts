import {
  columnsOf,
  type Matrix,
  type PredictionData,
  type UmapParams,
} from '@glitchwatch/numerics';
import { calibrate, type RowNeighbours } from './calibration.js';
import { ClustererError } from './errors.js';
import { matchFamilies } from './family-identity.js';
import type { FittedFamily } from './family-summary.js';
import type { FitParams } from './fit-params.js';
import { describeFamilies } from './fitted-families.js';
import { indexGraph, indexPlanOf } from './index-file.js';
import { mapFamilies } from './map-families.js';
import { inSharedMemory, sharedFloat32 } from './shared-memory.js';
import { toUnitVector } from './unit-vector.js';

/** Rows in any order; `glitchIds` are distinct. */
export interface FitInput {
  readonly glitchIds: readonly string[];
  /** Row-major, `glitchIds.length` x dimension. */
  readonly vectors: Float32Array;
  readonly params: FitParams;
  /** Family of each row under the model before, -1 for none; absent: there was none. */
  readonly previousFamilyIds?: Int32Array | undefined;
  /** Place of each row on the map before, n x 2, NaN for none; absent: there was no map. */
  readonly previousLayout?: Float32Array | undefined;
  /** Smallest id never given to a family. Default 1. */
  readonly nextFamilyId?: number | undefined;
}

/** Rows in the order of their glitch ids. Plain data: it crosses threads and goes into a snapshot. */
export interface FittedModel {
  readonly glitchIds: readonly string[];
  readonly dimension: number;
  readonly params: FitParams;
  /** n x dimension, unit length. */
  readonly vectors: Float32Array;
  /** n x 2. */
  readonly layout: Float32Array;
  readonly umapParams: UmapParams;
  /** Cluster of each row in this fit, -1 for noise. */
  readonly labels: Int32Array;
  /** Persistent family of each row, -1 for none. */
  readonly familyIds: Int32Array;
  /** Family of each row under the model before, -1 for none. */
  readonly previousFamilyIds: Int32Array;
  readonly probabilities: Float64Array;
  /** GLOSH, 0 to 1. */
  readonly outlierScores: Float64Array;
  readonly prediction: PredictionData;
  /** Family of each cluster. */
  readonly familyOfLabel: readonly number[];
  readonly families: readonly FittedFamily[];
  readonly nextFamilyId: number;
  readonly neighbours: RowNeighbours;
  /** Ascending; see `calibrate`. */
  readonly calibrationScores: Float64Array;
  readonly rowScores: Float64Array;
  /** The HNSW graph over `vectors` as hnswlib writes it. */
  readonly indexGraph: Uint8Array;
  readonly secondsByStage: Readonly<Record<string, number>>;
}

/**
 * Fits a model: neighbours, UMAP (cosine, 2-D), HDBSCAN on the layout (mapFamilies), family
 * identities, calibration, HNSW index. Where there was a map, it goes on from that one,
 * so that what is known stays where people saw it. Pure: the same rows with the same
 * past give the same model in whatever order they come, bit for bit on one machine.
 * Neighbours are exact below 4,096 rows; from there on they and the layout are made in
 * `threads` (fitUmapInParallel), whose number does not change the result.
 *
 * @throws ClustererError `too_few_glitches` below 2 rows, `bad_fit_input` for sizes
 *   that do not fit or repeated ids, `bad_embedding` naming the glitch.
 */
export async function fitReference(input: FitInput, threads?: number): Promise<FittedModel> {
  const rows = sortRows(input);
  const { params } = input;
  const n = rows.glitchIds.length;
  const indexPlan = indexPlanOf(n);

  const points: Matrix = { rows: n, cols: rows.dimension, data: rows.vectors };
  const { umap, hdbscan, secondsByStage } = await mapFamilies(points, {
    params,
    previousLayout: rows.previousLayout,
    knnWidth: 1 + Math.max(params.neighbours, indexPlan.neighbours),
    threads,
  });
  const { knn } = umap;
  let began = performance.now();
  const { labels } = hdbscan;
  const { familyIds: idOfCluster, nextFamilyId } = matchFamilies({
    labels,
    previousFamilyIds: rows.previousFamilyIds,
    nClusters: hdbscan.clusterPersistence.length,
    nextFamilyId: input.nextFamilyId ?? 1,
  });
  // Without the row itself, which comes first.
  const neighbours = columnsOf(knn, 1, Math.min(knn.k - 1, params.neighbours));
  const calibration = calibrate(neighbours, labels, params.noveltyNeighbours);
  const clusters = secondsByStage.clusters + secondsSince(began);

  began = performance.now();
  const graph = indexGraph(points, knn, indexPlan);
  const index = secondsSince(began);

  return {
    glitchIds: rows.glitchIds,
    dimension: rows.dimension,
    params,
    vectors: rows.vectors,
    layout: umap.embedding,
    umapParams: umap.params,
    labels,
    familyIds: Int32Array.from(labels, (label) => (label < 0 ? -1 : idOfCluster[label]!)),
    previousFamilyIds: rows.previousFamilyIds,
    probabilities: hdbscan.probabilities,
    outlierScores: hdbscan.outlierScores,
    prediction: hdbscan.prediction,
    familyOfLabel: idOfCluster,
    families: describeFamilies({
      labels,
      idOfCluster,
      persistence: hdbscan.clusterPersistence,
      layout: umap.embedding,
      points,
    }),
    nextFamilyId,
    neighbours,
    calibrationScores: calibration.scores,
    rowScores: calibration.rowScores,
    indexGraph: inSharedMemory(graph),
    secondsByStage: { ...secondsByStage, clusters, index },
  };
}

/** Rows of the input in the order in which a fitted model has them. */
export function orderOfIds(glitchIds: readonly string[]): Int32Array {
  return Int32Array.from(glitchIds, (_, row) => row).sort((a, b) =>
    glitchIds[a]! < glitchIds[b]! ? -1 : 1,
  );
}

interface FitRows {
  readonly glitchIds: readonly string[];
  readonly dimension: number;
  readonly vectors: Float32Array;
  readonly previousFamilyIds: Int32Array;
  readonly previousLayout: Float32Array;
}

function sortRows({ glitchIds, vectors, previousFamilyIds, previousLayout }: FitInput): FitRows {
  const n = glitchIds.length;
  if (n < 2)
    throw new ClustererError('too_few_glitches', `Fit: expected at least 2 glitches, found ${n}`);
  const dimension = vectors.length / n;
  if (!Number.isInteger(dimension) || dimension === 0)
    throw bad(
      `expected a whole number of vectors for ${n} glitches, found ${vectors.length} values`,
    );
  if (previousFamilyIds !== undefined && previousFamilyIds.length !== n)
    throw bad(`expected ${n} previous families, found ${previousFamilyIds.length}`);
  if (previousLayout !== undefined && previousLayout.length !== 2 * n)
    throw bad(`expected ${n} previous places, found ${previousLayout.length / 2}`);
  const order = orderOfIds(glitchIds);
  const sorted = {
    glitchIds: Array.from(order, (row) => glitchIds[row]!),
    dimension,
    vectors: sharedFloat32(vectors.length),
    previousFamilyIds: new Int32Array(n).fill(-1),
    previousLayout: new Float32Array(2 * n).fill(Number.NaN),
  };
  order.forEach((row, to) => {
    const glitchId = glitchIds[row]!;
    if (to > 0 && sorted.glitchIds[to - 1] === glitchId)
      throw bad(`glitch ${glitchId} comes twice`);
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    sorted.vectors.set(toUnitVector(vector, glitchId), to * dimension);
    if (previousFamilyIds !== undefined) sorted.previousFamilyIds[to] = previousFamilyIds[row]!;
    if (previousLayout !== undefined)
      sorted.previousLayout.set(previousLayout.subarray(2 * row, 2 * row + 2), 2 * to);
  });
  return sorted;
}

function secondsSince(ms: number): number {
  return (performance.now() - ms) / 1_000;
}

function bad(what: string): ClustererError {
  return new ClustererError('bad_fit_input', `Fit: ${what}`);
}
