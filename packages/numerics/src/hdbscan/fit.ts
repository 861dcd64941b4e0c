import { assertDistances, assertPoints, type RealMatrix } from '../matrix.js';
import { boruvkaTree } from './boruvka.js';
import { type Selection, selectClusters } from './cluster-selection.js';
import { type CondensedTree, condenseTree } from './condensed-tree.js';
import { type CoreDistances, coreDistances, type Points64 } from './core-distances.js';
import { buildKdTree } from './kd-tree.js';
import { labelPoints } from './labelling.js';
import { type HdbscanOptions, type HdbscanParams, hdbscanParams } from './options.js';
import { outlierScores } from './outlier-scores.js';
import { type PredictionData, predictionData } from './prediction-data.js';
import { type SingleLinkage, singleLinkage } from './single-linkage.js';
import { mutualReachabilityTree, type SpanningTree } from './spanning-tree.js';
import { treeCoreDistances } from './tree-core-distances.js';

/** Result of fitHdbscan, stage by stage; n points, c clusters. */
export interface HdbscanModel {
  /** n labels 0 ... c - 1, or -1 for noise. */
  readonly labels: Int32Array;
  /** n membership strengths, 0 ... 1; 0 for noise. */
  readonly probabilities: Float64Array;
  /** n GLOSH scores, 0 ... 1; the greater, the more outlying. */
  readonly outlierScores: Float64Array;
  /** c relative stabilities. */
  readonly clusterPersistence: Float64Array;
  /** c cluster ids of the condensed tree; label l is selectedClusters[l]. */
  readonly selectedClusters: Int32Array;
  readonly condensedTree: CondensedTree;
  readonly singleLinkage: SingleLinkage;
  readonly spanningTree: SpanningTree;
  readonly coreDistances: Float64Array;
  /** All that approximatePredict needs: plain data, fit to be stored and read back. */
  readonly prediction: PredictionData;
  readonly params: HdbscanParams;
}

/**
 * Clusters `points` (n x d, finite, either precision; computed in float64) by
 * density: HDBSCAN* (Campello, Moulavi and Sander 2013; Campello et al. 2015) as
 * McInnes and Healy (2017, arXiv:1705.07321) have it, euclidean. Exact; time n^2,
 * memory in proportion to n. From 10,000 points of at most 8 columns on, time is about
 * n log n: the spanning tree weighs the same, but where weights tie it may be another one.
 *
 * Labels, probabilities and scores are those of the hdbscan package when it is
 * given the same spanning tree. Ties have a fixed rule (see mutualReachabilityTree),
 * so equal input gives equal output on every machine. No point, one point or fewer
 * than minClusterSize points are noise. Equal points: see labelPoints, outlierScores.
 *
 * @throws NumericsError not_finite (row and column named; or distances beyond a float64),
 * bad_shape, bad_option.
 */
export function fitHdbscan(points: RealMatrix, options: HdbscanOptions = {}): HdbscanModel {
  assertPoints(points, 'points');
  assertDistances(points, 'points');
  const params = hdbscanParams(options);
  const report = (stage: string) => (fraction: number) => options.onProgress?.({ stage, fraction });
  const points64 = toPoints64(points);
  const { core, inner, spanningTree } = (isForTree(points64) ? byTree : byRows)(
    points64,
    params.minSamples,
    report,
  );
  report('hierarchy')(0);
  const linkage = singleLinkage(spanningTree);
  const condensedTree = condenseTree(linkage, points.rows, params.minClusterSize);
  report('hierarchy')(1);
  report('selection')(0);
  const selection: Selection = selectClusters(condensedTree, params);
  const labelling = labelPoints(condensedTree, selection, params);
  const selectedClusters = selection.clusters;
  const prediction = predictionData(points64, inner, condensedTree, selectedClusters, params);
  report('selection')(1);
  return {
    ...labelling,
    outlierScores: outlierScores(condensedTree),
    selectedClusters,
    condensedTree,
    singleLinkage: linkage,
    spanningTree,
    coreDistances: core,
    prediction,
    params,
  };
}

type Report = (stage: string) => (fraction: number) => void;

interface Reached extends CoreDistances {
  readonly spanningTree: SpanningTree;
}

/** Fewer points go by Prim's order, whose ties are those of the hdbscan package. */
const TREE_FROM = 10_000;
/** Bounds of more columns say too little. */
const TREE_COLUMNS = 8;

function isForTree({ rows, cols }: Points64): boolean {
  return rows >= TREE_FROM && cols >= 1 && cols <= TREE_COLUMNS;
}

function byRows(points: Points64, minSamples: number, report: Report): Reached {
  const distances = coreDistances(points, minSamples, report('core-distances'));
  const spanningTree = mutualReachabilityTree(points, distances.core, report('spanning-tree'));
  return { ...distances, spanningTree };
}

function byTree(points: Points64, minSamples: number, report: Report): Reached {
  const tree = buildKdTree(points);
  const placed = treeCoreDistances(tree, minSamples, report('core-distances'));
  const spanningTree = boruvkaTree(tree, placed, report('spanning-tree'));
  const core = new Float64Array(points.rows);
  const inner = new Float64Array(points.rows);
  tree.rows.forEach((row, place) => {
    core[row] = placed.core[place]!;
    inner[row] = placed.inner[place]!;
  });
  return { core, inner, spanningTree };
}

function toPoints64({ rows, cols, data }: RealMatrix): Points64 {
  return { rows, cols, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}
