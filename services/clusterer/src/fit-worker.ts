import { parentPort, workerData } from 'node:worker_threads';
import { fitThreads, giveWayToLiveWork } from './background-thread.js';
import { asError } from './errors.js';
import { type FitInput, fitReference } from './fit.js';
import type { FitAnswer } from './fit-runner.js';
import { wholeBuffersOf } from './hand-over.js';

/** Worker entry: fits what it was started with, answers once. */
async function answer(): Promise<FitAnswer> {
  try {
    return { ok: true, fit: await fitReference(workerData as FitInput, undefined, fitThreads()) };
  } catch (thrown) {
    const error = asError(thrown);
    const code = 'code' in error ? String(error.code) : 'internal';
    return { ok: false, code, message: error.message };
  }
}

giveWayToLiveWork();
const fitted = await answer();
parentPort?.postMessage(fitted, wholeBuffersOf(fitted));
