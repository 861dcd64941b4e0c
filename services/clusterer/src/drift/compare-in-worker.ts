import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ClustererError } from '../errors.js';
import type { Comparison, ComparisonInput } from './comparison.js';

export type ComparisonAnswer =
  | { readonly ok: true; readonly comparison: Comparison }
  | { readonly ok: false; readonly message: string };

/**
 * Compares in a thread of its own: a tenth of a second of arithmetic would hold up
 * assignments. The samples are handed over, not copied.
 *
 * @throws ClustererError `drift_failed`; the reason of `signal` when that aborts.
 */
export async function compareInWorker(
  input: ComparisonInput,
  signal: AbortSignal,
): Promise<Comparison> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('../../dist/drift/drift-worker.js', import.meta.url), {
    workerData: input,
    transferList: [input.reference.buffer as ArrayBuffer, input.recent.buffer as ArrayBuffer],
  });
  const ended = new AbortController();
  try {
    const options = { signal: AbortSignal.any([signal, ended.signal]) };
    const [answer] = (await Promise.race([
      once(worker, 'message', options),
      once(worker, 'exit', options).then(([code]) => {
        throw new ClustererError('drift_failed', `Drift worker ended with code ${code}, no answer`);
      }),
    ])) as [ComparisonAnswer];
    if (!answer.ok) throw new ClustererError('drift_failed', `Drift comparison: ${answer.message}`);
    return answer.comparison;
  } finally {
    ended.abort();
    await worker.terminate();
  }
}
