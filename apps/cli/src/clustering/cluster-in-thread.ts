import { Worker } from 'node:worker_threads';
import type { NumericsProgress, RealMatrix } from '@glitchwatch/numerics';
import { startProgress } from '../progress.js';
import type {
  Clustering,
  ClusteringAnswer,
  ClusteringOptions,
  ClusteringWorkerData,
} from './protocol.js';

/** About how much of the whole is behind when a stage begins, in percent. */
const BEGINS: Readonly<Record<string, number>> = {
  'core-distances': 0,
  'spanning-tree': 40,
  hierarchy: 98,
  selection: 99,
};
const stages = Object.keys(BEGINS);

function percentOf({ stage, fraction }: NumericsProgress): number {
  const begin = BEGINS[stage] ?? 0;
  const end = BEGINS[stages[stages.indexOf(stage) + 1] ?? ''] ?? 100;
  return Math.round(begin + fraction * (end - begin));
}

/**
 * HDBSCAN off the event loop, so that a bar moves and an interrupt ends it: the time of
 * many columns goes with the square of the points.
 *
 * @throws NumericsError as fitHdbscan does; the reason of `signal` once it aborts.
 */
export async function clusterInThread(
  points: RealMatrix,
  options: ClusteringOptions,
  {
    signal,
    onProgress,
  }: { signal: AbortSignal; onProgress?: (progress: NumericsProgress) => void },
): Promise<Clustering> {
  signal.throwIfAborted();
  const { data, rows, cols } = points;
  const workerData: ClusteringWorkerData = { points: { rows, cols, data }, options };
  const worker = new Worker(
    new URL('../../dist/clustering/clustering-worker.js', import.meta.url),
    { workerData },
  );
  const bar = startProgress('hdbscan', 100, '%');
  let onAbort = (): void => undefined;
  try {
    return await new Promise<Clustering>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.once('error', reject).on('message', (answer: ClusteringAnswer) => {
        if ('clustering' in answer) resolve(answer.clustering);
        else {
          bar.update(percentOf(answer.progress));
          onProgress?.(answer.progress);
        }
      });
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    bar.stop();
    await worker.terminate();
  }
}
