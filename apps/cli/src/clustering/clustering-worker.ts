import { parentPort, workerData } from 'node:worker_threads';
import { fitHdbscan } from '@glitchwatch/numerics';
import type { Clustering, ClusteringWorkerData } from './cluster-in-thread.js';
import type { ThreadAnswer } from './in-thread.js';

if (!parentPort) throw new Error('clustering-worker runs as a worker thread only');
const port = parentPort;
const post = (answer: ThreadAnswer<Clustering>) => port.postMessage(answer);
const { points, options } = workerData as ClusteringWorkerData;
const { labels, probabilities, outlierScores, condensedTree } = fitHdbscan(points, {
  ...options,
  onProgress: (progress) => post({ progress }),
});
post({ result: { labels, probabilities, outlierScores, condensedTree } });
