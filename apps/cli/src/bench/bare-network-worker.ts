import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BareNetworkSetup } from './bare-network.js';

// onnxruntime alone, in a thread as the embedder's: the network over tensors that are
// there already. Asked with a number of runs, it answers with the seconds they took.

const port = parentPort;
if (port === null) throw new Error('bare-network-worker runs as a worker thread only');
const { modelPath, gridTensor, maskTensor, output, tensors } = workerData as BareNetworkSetup;
const session = await InferenceSession.create(readFileSync(modelPath), {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});
const feeds = tensors.map(({ gridType, grids, gridDims, mask, maskDims }) => ({
  [gridTensor]: new Tensor(gridType, grids, gridDims),
  [maskTensor]: new Tensor('float32', mask, maskDims),
}));

async function run(count: number): Promise<number> {
  const begun = performance.now();
  for (let i = 0; i < count; i++) await session.run(feeds[i % feeds.length]!, [output]);
  return (performance.now() - begun) / 1000;
}

port.on('message', (count: number) => {
  run(count).then(
    (seconds) => port.postMessage(seconds),
    (error: unknown) => {
      // Ends the thread, which is what the other side waits for.
      queueMicrotask(() => {
        throw error;
      });
    },
  );
});
port.postMessage('ready');
