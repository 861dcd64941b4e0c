import type { Matrix, ParallelUmapModel, ParallelUmapOptions } from '@glitchwatch/numerics';
import { inThread, type ThreadWatch } from './in-thread.js';

export interface LayoutWorkerData {
  readonly points: Matrix;
  readonly options: Omit<ParallelUmapOptions, 'onProgress' | 'signal' | 'startFrom'>;
}

/** What of a model the command writes. */
export type Layout = Pick<ParallelUmapModel, 'embedding' | 'secondsByStage'>;

/** Of many rows on several threads, then of the others. */
const SPANS = {
  rows: [0, 2],
  projection: [2, 10],
  leaves: [10, 12],
  comparison: [12, 35],
  'second neighbours': [35, 45],
  ranking: [45, 50],
  neighbors: [0, 50],
  graph: [50, 55],
  'initial-layout': [55, 56],
  optimize: [56, 98],
  order: [98, 100],
} as const;

/**
 * UMAP in a thread: what it does not part among threads of its own (few rows, other
 * metrics) takes minutes for tens of thousands of rows. The points are handed over:
 * the caller's array is empty afterwards.
 *
 * @throws NumericsError as fitUmapInParallel does; the reason of the signal once it aborts.
 */
export function layOutInThread(
  points: Matrix,
  options: LayoutWorkerData['options'],
  watch: ThreadWatch,
): Promise<Layout> {
  const workerData: LayoutWorkerData = { points, options };
  return inThread(
    {
      worker: new URL('../../dist/clustering/layout-worker.js', import.meta.url),
      workerData,
      transferList: [points.data.buffer as ArrayBuffer],
      label: 'umap',
      spans: SPANS,
    },
    watch,
  );
}
