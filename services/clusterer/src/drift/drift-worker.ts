import { parentPort, workerData } from 'node:worker_threads';
import { giveWayToLiveWork } from '../background-thread.js';
import { asError } from '../errors.js';
import type { ComparisonAnswer } from './compare-in-worker.js';
import { type ComparisonInput, compareSamples } from './comparison.js';

/** Worker entry: compares what it was started with, answers once. */
function answer(): ComparisonAnswer {
  try {
    return { ok: true, comparison: compareSamples(workerData as ComparisonInput) };
  } catch (thrown) {
    return { ok: false, message: asError(thrown).message };
  }
}

giveWayToLiveWork();
parentPort?.postMessage(answer());
