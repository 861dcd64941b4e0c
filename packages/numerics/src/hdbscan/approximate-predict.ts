import { NumericsError } from '../errors.js';
import { NeighborLists } from '../knn/neighbor-lists.js';
import { assertPoints, type RealMatrix } from '../matrix.js';
import { membershipOf } from './labelling.js';
import { NearestPoints } from './nearest-points.js';
import { outlierScoreOf } from './outlier-scores.js';
import type { PredictionData } from './prediction-data.js';

/** Prediction for m new points. */
export interface HdbscanPrediction {
  /** m labels of the fit, or -1. */
  readonly labels: Int32Array;
  /** m membership strengths, 0 ... 1. */
  readonly probabilities: Float64Array;
  /** m GLOSH scores against the fit, 0 ... 1. */
  readonly outlierScores: Float64Array;
  /** m fitted points, each the nearest by mutual reachability; -1 in an empty fit. */
  readonly connectingPoints: Int32Array;
}

/**
 * Labels new points (m x d) by the tree of a fit, which stays as it is: a point
 * joins its nearest neighbour by mutual reachability at lambda = 1 / that distance,
 * in the cluster its neighbour has at that density (McInnes and Healy 2017;
 * hdbscan's approximate_predict and approximate_predict_scores). Each point on its
 * own; equally near ones go by the lowest row.
 *
 * Four differences from the package, on purpose: with fewer than 2 minSamples
 * fitted points it uses those there are; a root selected as the only cluster takes
 * points by the rule of the fit instead of all; scores stay within 0 ... 1; a copy
 * of fitted duplicates joins them instead of the cluster around them.
 *
 * @throws NumericsError bad_shape when the columns differ, not_finite.
 */
export function approximatePredict(
  model: { readonly prediction: PredictionData },
  queries: RealMatrix,
): HdbscanPrediction {
  return createPredictor(model)(queries);
}

/**
 * `approximatePredict` for callers that ask often: the search through the fitted points
 * is prepared once (0.1 s for 100,000), not with every call.
 */
export function createPredictor(model: {
  readonly prediction: PredictionData;
}): (queries: RealMatrix) => HdbscanPrediction {
  const nearest = new NearestPoints(model.prediction.points);
  return (queries) => predict(model.prediction, nearest, queries);
}

function predict(
  fit: PredictionData,
  nearest: NearestPoints,
  queries: RealMatrix,
): HdbscanPrediction {
  assertPoints(queries, 'queries');
  const { points, minSamples } = fit;
  const m = queries.rows;
  const out = {
    labels: new Int32Array(m).fill(-1),
    probabilities: new Float64Array(m),
    outlierScores: new Float64Array(m).fill(1),
    connectingPoints: new Int32Array(m).fill(-1),
  };
  if (points.rows === 0 || m === 0) return out;
  if (queries.cols !== points.cols) {
    throw new NumericsError(
      'bad_shape',
      `queries: expected ${points.cols} columns as in the fit, found ${queries.cols}`,
    );
  }
  const k = Math.min(2 * minSamples, points.rows);
  for (let i = 0; i < m; i++) {
    const list = new NeighborLists(1, k);
    const asked = Float64Array.from(queries.data.subarray(i * points.cols, (i + 1) * points.cols));
    nearest.search(asked, list, 0);
    const { neighbor, distance } = nearestReachable(list, fit.coreDistances, minSamples);
    const lambda = distance > 0 ? 1 / distance : Number.POSITIVE_INFINITY;
    const cluster = clusterAt(fit, neighbor, lambda);
    out.connectingPoints[i] = neighbor;
    const greatest = fit.subtreeGreatest[fit.pointCluster[neighbor]!]!;
    const isCopy = list.distances[0] === 0;
    const scored = isCopy ? fit.pointLambda[neighbor]! : lambda;
    out.outlierScores[i] = outlierScoreOf(scored, greatest);
    const label = fit.clusterLabel[cluster]!;
    if (label < 0 || (cluster === 0 && lambda < fit.rootThreshold)) continue;
    out.labels[i] = label;
    out.probabilities[i] = membershipOf(lambda, fit.clusterGreatest[cluster]!);
  }
  return out;
}

/** The candidate at the least mutual reachability distance; the first of equals. */
function nearestReachable(
  list: NeighborLists,
  core: Float64Array,
  minSamples: number,
): { neighbor: number; distance: number } {
  const ownCore = Math.sqrt(list.distances[Math.min(minSamples, list.k - 1)]!);
  let neighbor = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let c = 0; c < list.k; c++) {
    const candidate = list.indices[c]!;
    const reach = Math.max(core[candidate]!, ownCore, Math.sqrt(list.distances[c]!));
    if (reach < distance || neighbor < 0) {
      neighbor = candidate;
      distance = reach;
    }
  }
  return { neighbor, distance };
}

/** The cluster a point is in at density `lambda` when it follows `neighbor`. */
function clusterAt(fit: PredictionData, neighbor: number, lambda: number): number {
  let cluster = fit.pointCluster[neighbor]!;
  if (fit.pointLambda[neighbor]! <= lambda) return cluster;
  while (cluster > 0 && fit.clusterBirth[cluster]! >= lambda) cluster = fit.clusterParent[cluster]!;
  return cluster;
}
