import { parentPort, workerData } from 'node:worker_threads';
import { createSimulator } from '@glitchwatch/simulator';
import type { SimulationAnswer, SimulationRequest, SimulationWorkerData } from './protocol.js';

if (!parentPort) throw new Error('simulation-worker runs as a worker thread only');
const port = parentPort;
const { seed, classes } = workerData as SimulationWorkerData;
const simulator = createSimulator({ seed, ...(classes ? { classes } : {}) });

port.on('message', ({ plans }: SimulationRequest) => {
  const glitches = plans.map(({ n, choice }) => simulator.at(n, choice));
  const answer: SimulationAnswer = { glitches };
  const buffers = glitches.flatMap(({ grids }) => grids.map(({ grid }) => grid.data.buffer));
  port.postMessage(answer, buffers as ArrayBuffer[]);
});
