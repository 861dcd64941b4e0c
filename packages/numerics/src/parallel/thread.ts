import { parentPort, workerData } from 'node:worker_threads';
import { instantiateKernels } from './kernels.js';
import { isRowKernel, rowKernels } from './row-kernels.js';
import { CONTROL_WORDS, callsOf, type Round, type ThreadStart, type WorkMessage } from './work.js';

const WAITING = 0;
const GENERATION = 1;

const { module, memory, thread, threads } = workerData as ThreadStart;
const kernels = instantiateKernels(module, memory);

function call(round: Round, index: number): void {
  const { kernel, common, varying, perCall, scratch } = round;
  const args = [...common, ...varying.subarray(index * perCall, (index + 1) * perCall)];
  if (scratch !== undefined) args.push(scratch.at + thread * scratch.bytesPerThread);
  if (isRowKernel(kernel)) rowKernels[kernel](memory, args);
  else kernels[kernel](...args);
}

/** Returns once all threads have come; they sleep meanwhile. */
function meet(control: Int32Array): void {
  const generation = Atomics.load(control, GENERATION);
  if (Atomics.add(control, WAITING, 1) + 1 === threads) {
    Atomics.store(control, WAITING, 0);
    Atomics.add(control, GENERATION, 1);
    Atomics.notify(control, GENERATION);
    return;
  }
  while (Atomics.load(control, GENERATION) === generation) {
    Atomics.wait(control, GENERATION, generation);
  }
}

parentPort?.on('message', ({ rounds, control }: WorkMessage) => {
  const words = new Int32Array(control);
  for (const [number, round] of rounds.entries()) {
    const calls = callsOf(round);
    for (;;) {
      const index = Atomics.add(words, CONTROL_WORDS + number, 1);
      if (index >= calls) break;
      call(round, index);
    }
    meet(words);
  }
  parentPort?.postMessage(undefined);
});
