export { conformalPValue } from './calibration/conformal.js';
export { poissonTail } from './calibration/poisson.js';
export { predictedTail, type RateHistory } from './calibration/predicted-count.js';
export { fitTail, type ScoreTail, tailPValue } from './calibration/tail.js';
export { type KolmogorovSmirnov, testUniform } from './calibration/uniformity.js';
export {
  type Contingency,
  contingency,
  transposed,
  withoutNoise,
} from './cluster-metrics/contingency.js';
export { ContingencyCounter } from './cluster-metrics/contingency-counter.js';
export {
  type Average,
  adjustedMutualInfo,
  mutualInformation,
  normalizedMutualInfo,
  normalizedMutualInfoOf,
  type VMeasure,
  vMeasure,
  vMeasureOf,
} from './cluster-metrics/information.js';
export { continuity, trustworthiness } from './cluster-metrics/neighborhood.js';
export {
  adjustedRand,
  adjustedRandOf,
  fowlkesMallows,
  randIndex,
} from './cluster-metrics/pair-counting.js';
export {
  type ClusterComposition,
  clusterCompositions,
  clusterEntropy,
  compositionsOf,
  purity,
  purityOf,
} from './cluster-metrics/purity.js';
export { silhouette, silhouetteSamples } from './cluster-metrics/silhouette.js';
export { type CosineShift, cosineShift } from './drift/cosine-shift.js';
export {
  type TwoSampleOptions,
  type TwoSampleTest,
  twoSampleTest,
} from './drift/two-sample.js';
export { NumericsError, type NumericsErrorCode } from './errors.js';
export {
  approximatePredict,
  createPredictor,
  type HdbscanPrediction,
} from './hdbscan/approximate-predict.js';
export type { CondensedTree } from './hdbscan/condensed-tree.js';
export type { Points64 } from './hdbscan/core-distances.js';
export { fitHdbscan, type HdbscanModel } from './hdbscan/fit.js';
export type { HdbscanOptions, HdbscanParams } from './hdbscan/options.js';
export type { PredictionData } from './hdbscan/prediction-data.js';
export type { SingleLinkage } from './hdbscan/single-linkage.js';
export type { SpanningTree } from './hdbscan/spanning-tree.js';
export { type KnnOptions, knnExact, knnQuery } from './knn/exact.js';
export {
  buildHnswIndex,
  deserializeHnswIndex,
  HnswIndex,
  type HnswOptions,
  type HnswSearchResult,
  knnFromIndex,
  loadHnswIndex,
} from './knn/hnsw.js';
export {
  hnswGraphFromNeighbors,
  type NeighborGraphOptions,
} from './knn/hnsw-graph/from-neighbors.js';
export type { Metric } from './knn/metric.js';
export { columnsOf } from './knn/neighbor-columns.js';
export type { Neighbors } from './knn/neighbor-lists.js';
export {
  assertFinite,
  createMatrix,
  type Matrix,
  matrixFromRows,
  type RealMatrix,
} from './matrix.js';
export type { NumericsProgress } from './options.js';
export { defaultThreads } from './parallel/thread-pool.js';
export { createRng, type Rng } from './rng.js';
export { type CurveParams, findAbParams } from './umap/curve.js';
export {
  defaultEpochsOf,
  EXACT_KNN_BELOW,
  fitUmap,
  type UmapModel,
  type UmapReference,
} from './umap/fit.js';
export {
  fitUmapInParallel,
  type GrowingUmap,
  openGrowingUmap,
  PARALLEL_FROM,
  type ParallelUmapModel,
  type ParallelUmapOptions,
} from './umap/fit-in-parallel.js';
export { type FuzzySet, fuzzySimplicialSet, type SparseGraph } from './umap/fuzzy-graph.js';
export type { UmapOptions, UmapParams, WarmStart } from './umap/options.js';
export { type SmoothedKnn, smoothKnnDist } from './umap/smooth-knn-dist.js';
export { toFloat32 } from './umap/to-float32.js';
export { createTransform, type TransformOptions, transformUmap } from './umap/transform.js';
