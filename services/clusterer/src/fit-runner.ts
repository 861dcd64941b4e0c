import { Worker } from 'node:worker_threads';
import { ClustererError } from './errors.js';
import type { FitInput, FittedModel } from './fit.js';

/** What the worker answers. */
export type FitAnswer =
  | { readonly ok: true; readonly fit: FittedModel }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Fits in a worker thread, so that assignments go on meanwhile. The vectors are
 * handed over, not copied: the caller's array is empty afterwards.
 *
 * @throws ClustererError with the worker's reason, or `fit_cancelled` when `signal` aborts.
 */
export async function fitInWorker(input: FitInput, signal: AbortSignal): Promise<FittedModel> {
  const worker = new Worker(new URL('../dist/fit-worker.js', import.meta.url), {
    workerData: input,
    transferList: [input.vectors.buffer as ArrayBuffer],
  });
  const { promise: cancelled, stop } = whenAborted(signal);
  try {
    const answer = await Promise.race([answerOf(worker), cancelled]);
    if (answer === 'cancelled')
      throw new ClustererError('fit_cancelled', 'Fit given up: the clusterer is stopping');
    if (!answer.ok)
      throw new ClustererError(
        'fit_failed',
        `Fit of ${input.glitchIds.length} glitches failed (${answer.code}): ${answer.message}`,
      );
    return answer.fit;
  } finally {
    stop();
    await worker.terminate();
  }
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
