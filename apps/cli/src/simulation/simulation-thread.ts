import { Worker } from 'node:worker_threads';
import type { SimulatedGlitch } from '@glitchwatch/simulator';
import type { SimulationAnswer, SimulationRequest, SimulationWorkerData } from './protocol.js';

/** A simulator off the event loop; 20 to 30 ms of one core per glitch. */
export interface SimulationThread {
  /** One glitch per entry, of the class named or of any. One call at a time. */
  draw(classNames: readonly (string | undefined)[]): Promise<readonly SimulatedGlitch[]>;
  close(): Promise<void>;
}

export function openSimulationThread(seed: number, classes?: readonly string[]): SimulationThread {
  const workerData: SimulationWorkerData = { seed, classes };
  const worker = new Worker(
    new URL('../../dist/simulation/simulation-worker.js', import.meta.url),
    { workerData },
  );
  return {
    draw: (classNames) =>
      new Promise((resolve, reject) => {
        const onAnswer = ({ glitches }: SimulationAnswer) => {
          worker.off('error', onError);
          resolve(glitches);
        };
        const onError = (error: Error) => {
          worker.off('message', onAnswer);
          reject(error);
        };
        worker.once('message', onAnswer);
        worker.once('error', onError);
        const request: SimulationRequest = { classNames };
        worker.postMessage(request);
      }),
    async close() {
      await worker.terminate();
    },
  };
}
