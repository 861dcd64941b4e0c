import { parentPort, workerData } from 'node:worker_threads';
import { fitHdbscan } from '@glitchwatch/numerics';
import type { ClusteringAnswer, ClusteringWorkerData } from './protocol.js';

if (!parentPort) throw new Error('clustering-worker runs as a worker thread only');
const port = parentPort;
const post = (answer: ClusteringAnswer) => port.postMessage(answer);
const { points, options } = workerData as ClusteringWorkerData;
const { labels, probabilities, outlierScores, condensedTree } = fitHdbscan(points, {
  ...options,
  onProgress: (progress) => post({ progress }),
});
post({ clustering: { labels, probabilities, outlierScores, condensedTree } });
