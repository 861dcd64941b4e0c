import { Worker } from 'node:worker_threads';
import type { SimulatedGlitch } from '@glitchwatch/simulator';
import type {
  SimulationAnswer,
  SimulationPlan,
  SimulationRequest,
  SimulationWorkerData,
} from './protocol.js';

/** A simulator off the event loop; some 20 ms of one core per glitch. One call at a time. */
export interface SimulationThread {
  /** One glitch per entry, of the class named or of any, counted on from the last call. */
  draw(classNames: readonly (string | undefined)[]): Promise<readonly SimulatedGlitch[]>;
  /** The glitches of these numbers and choices. */
  drawPlanned(plans: readonly SimulationPlan[]): Promise<readonly SimulatedGlitch[]>;
  close(): Promise<void>;
}

export function openSimulationThread(seed: number, classes?: readonly string[]): SimulationThread {
  const workerData: SimulationWorkerData = { seed, classes };
  const worker = new Worker(
    new URL('../../dist/simulation/simulation-worker.js', import.meta.url),
    { workerData },
  );
  let drawn = 0;
  const drawPlanned = (plans: readonly SimulationPlan[]) =>
    new Promise<readonly SimulatedGlitch[]>((resolve, reject) => {
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
      const request: SimulationRequest = { plans };
      worker.postMessage(request);
    });
  return {
    drawPlanned,
    draw: (classNames) =>
      drawPlanned(
        classNames.map((className) => ({
          n: drawn++,
          choice: className === undefined ? {} : { className },
        })),
      ),
    async close() {
      await worker.terminate();
    },
  };
}
