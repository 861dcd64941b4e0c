import type { HdbscanModel, HdbscanOptions, RealMatrix } from '@glitchwatch/numerics';
import { inThread, type ThreadWatch } from './in-thread.js';

export interface ClusteringWorkerData {
  readonly points: RealMatrix;
  readonly options: Omit<HdbscanOptions, 'onProgress'>;
}

/** What of a model the commands write. */
export type Clustering = Pick<
  HdbscanModel,
  'labels' | 'probabilities' | 'outlierScores' | 'condensedTree'
>;

const SPANS = {
  'core-distances': [0, 40],
  'spanning-tree': [40, 98],
  hierarchy: [98, 99],
  selection: [99, 100],
} as const;

/**
 * HDBSCAN in a thread: the time of many columns goes with the square of the points.
 *
 * @throws NumericsError as fitHdbscan does; the reason of the signal once it aborts.
 */
export function clusterInThread(
  { data, rows, cols }: RealMatrix,
  options: ClusteringWorkerData['options'],
  watch: ThreadWatch,
): Promise<Clustering> {
  const workerData: ClusteringWorkerData = { points: { rows, cols, data }, options };
  const worker = new URL('../../dist/clustering/clustering-worker.js', import.meta.url);
  return inThread({ worker, workerData, label: 'hdbscan', spans: SPANS }, watch);
}
