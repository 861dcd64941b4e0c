import { parentPort, workerData } from 'node:worker_threads';
import { fitUmapInParallel } from '@glitchwatch/numerics';
import type { ThreadAnswer } from './in-thread.js';
import type { Layout, LayoutWorkerData } from './lay-out-in-thread.js';

if (!parentPort) throw new Error('layout-worker runs as a worker thread only');
const port = parentPort;
const post = (answer: ThreadAnswer<Layout>) => port.postMessage(answer);
const { points, options } = workerData as LayoutWorkerData;
const { embedding, secondsByStage } = await fitUmapInParallel(points, {
  ...options,
  onProgress: (progress) => post({ progress }),
});
post({ result: { embedding, secondsByStage } });
