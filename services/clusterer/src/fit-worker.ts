import { parentPort, workerData } from 'node:worker_threads';
import { fitThreads, giveWayToLiveWork } from './background-thread.js';
import { asError } from './errors.js';
import { fitReference, orderOfIds } from './fit.js';
import type { FitAnswer, FitOrder } from './fit-runner.js';
import { wholeBuffersOf } from './hand-over.js';
import { unpackIds } from './packed-ids.js';

/** Worker entry: fits what it was started with, answers once. */
async function answer(): Promise<FitAnswer> {
  try {
    const { packedIds, ...rest } = workerData as FitOrder;
    const ids = unpackIds(packedIds);
    const fitted = await fitReference({ ...rest, glitchIds: ids }, fitThreads());
    const { glitchIds: _, ...fit } = fitted;
    return { ok: true, fit, order: orderOfIds(ids) };
  } catch (thrown) {
    const error = asError(thrown);
    const code = 'code' in error ? String(error.code) : 'internal';
    return { ok: false, code, message: error.message };
  }
}

giveWayToLiveWork();
const fitted = await answer();
parentPort?.postMessage(fitted, wholeBuffersOf(fitted));
