import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { NumericsProgress } from '@glitchwatch/numerics';
import { startProgress } from '../progress.js';

/** What a worker posts: any number of the first, then the second. */
export type ThreadAnswer<Result> =
  | { readonly progress: NumericsProgress }
  | { readonly result: Result };

export interface ThreadJob extends Pick<WorkerOptions, 'workerData' | 'transferList'> {
  /** Of the built worker module. */
  readonly worker: URL;
  /** Before the bar. */
  readonly label: string;
  /** From how much to how much of the whole each stage goes, in percent. */
  readonly spans: Readonly<Record<string, readonly [from: number, to: number]>>;
}

export interface ThreadWatch {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: NumericsProgress) => void;
}

/**
 * Numerics off the event loop, so that a bar moves and an interrupt ends them at once.
 *
 * @throws what the worker throws; the reason of `signal` once it aborts.
 */
export async function inThread<Result>(
  { worker: url, label, spans, workerData, transferList }: ThreadJob,
  { signal, onProgress }: ThreadWatch,
): Promise<Result> {
  signal.throwIfAborted();
  const worker = new Worker(url, { workerData, ...(transferList && { transferList }) });
  const bar = startProgress(label, 100, '%');
  let onAbort = (): void => undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.once('error', reject).on('message', (answer: ThreadAnswer<Result>) => {
        if ('result' in answer) resolve(answer.result);
        else {
          bar.update(percentOf(spans, answer.progress));
          onProgress?.(answer.progress);
        }
      });
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    bar.stop();
    await worker.terminate();
  }
}

function percentOf(spans: ThreadJob['spans'], { stage, fraction }: NumericsProgress): number {
  const [from, to] = spans[stage] ?? [0, 100];
  return Math.round(from + fraction * (to - from));
}
