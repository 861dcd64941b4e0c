import { Worker } from 'node:worker_threads';
import { ClustererError } from './errors.js';
import type { FitInput, FittedModel } from './fit.js';
import { wholeBuffersOf } from './hand-over.js';
import { packIds } from './packed-ids.js';
import { Stretch } from './stretch.js';

/** What the worker is started with. */
export interface FitOrder extends Omit<FitInput, 'glitchIds'> {
  readonly packedIds: readonly string[];
}

/**
 * What the worker answers. Glitch ids come back as rows of the input: tens of thousands of
 * new strings would stop live work for their making, and again for their collection.
 */
export type FitAnswer =
  | {
      readonly ok: true;
      readonly fit: Omit<FittedModel, 'glitchIds'>;
      readonly order: Int32Array;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Fits in a worker thread, so that assignments go on meanwhile. The vectors are
 * handed over, not copied: the caller's array is empty afterwards, or shared if it was.
 *
 * @throws ClustererError with the worker's reason, or `fit_cancelled` when `signal` aborts.
 */
export async function fitInWorker(input: FitInput, signal: AbortSignal): Promise<FittedModel> {
  const { glitchIds, ...rest } = input;
  const order: FitOrder = { ...rest, packedIds: await packIds(glitchIds) };
  const worker = new Worker(new URL('../dist/fit-worker.js', import.meta.url), {
    workerData: order,
    transferList: wholeBuffersOf({ vectors: input.vectors }),
  });
  const { promise: cancelled, stop } = whenAborted(signal);
  try {
    const answer = await Promise.race([answerOf(worker), cancelled]);
    if (answer === 'cancelled')
      throw new ClustererError('fit_cancelled', 'Fit given up: the clusterer is stopping');
    if (!answer.ok)
      throw new ClustererError(
        'fit_failed',
        `Fit of ${glitchIds.length} glitches failed (${answer.code}): ${answer.message}`,
      );
    return { ...answer.fit, glitchIds: await inOrder(glitchIds, answer.order) };
  } finally {
    stop();
    await worker.terminate();
  }
}

async function inOrder(glitchIds: readonly string[], order: Int32Array): Promise<string[]> {
  const stretch = new Stretch();
  const ordered: string[] = [];
  for (const row of order) {
    ordered.push(glitchIds[row]!);
    await stretch.pause();
  }
  return ordered;
}

function answerOf(worker: Worker): Promise<FitAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: FitAnswer) => resolve(answer));
    worker.once('error', (error) =>
      reject(new ClustererError('fit_failed', `Fit worker failed: ${error}`, { cause: error })),
    );
    worker.once('exit', (code) =>
      reject(new ClustererError('fit_failed', `Fit worker ended with code ${code}, no answer`)),
    );
  });
}

function whenAborted(signal: AbortSignal): {
  readonly promise: Promise<'cancelled'>;
  readonly stop: () => void;
} {
  let stop = (): void => undefined;
  const promise = new Promise<'cancelled'>((resolve) => {
    const onAbort = (): void => resolve('cancelled');
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  return { promise, stop };
}
