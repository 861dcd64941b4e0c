import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compileKernels } from './kernels.js';
import { CONTROL_WORDS, type Round, type ThreadStart, type WorkMessage } from './work.js';

/** More threads than this wait for each other more than they work at the sizes of a fit. */
const MAX_THREADS = 8;

/** Threads of a fit that has the machine to itself. */
export function defaultThreads(): number {
  return Math.min(MAX_THREADS, availableParallelism());
}

/**
 * Threads that run kernels over one shared memory. An abort or a failure of one thread
 * ends all of them, also in the middle of a kernel, and the run in hand rejects.
 */
export class ThreadPool {
  readonly threads: number;
  readonly #workers: readonly Worker[];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#fail(this.#signal?.reason);
  /** Set once, by what ended the pool. */
  #failure: { readonly reason: unknown } | undefined;
  #rejectRun: ((reason: unknown) => void) | undefined;

  constructor(memory: WebAssembly.Memory, threads: number, signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.threads = threads;
    this.#signal = signal;
    const module = compileKernels();
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const start: ThreadStart = { module, memory, thread, threads };
      const worker = new Worker(new URL('../../dist/parallel/thread.js', import.meta.url), {
        workerData: start,
      });
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', (code) => this.#fail(new Error(`fit thread ended with code ${code}`)));
      return worker;
    });
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Runs the rounds one after another; one run at a time. */
  async run(rounds: readonly Round[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.reason;
    const control = new SharedArrayBuffer(4 * (CONTROL_WORDS + rounds.length));
    const message: WorkMessage = { rounds, control };
    await new Promise<void>((resolve, reject) => {
      let left = this.threads;
      this.#rejectRun = reject;
      for (const worker of this.#workers) {
        worker.once('message', () => {
          if (--left === 0) resolve();
        });
        worker.postMessage(message);
      }
    });
    this.#rejectRun = undefined;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#failure ??= { reason: new Error('the thread pool is closed') };
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    for (const worker of this.#workers) {
      // The threads that are left wait for one that is gone. Ending them twice does no harm.
      worker.terminate().catch(() => undefined);
    }
    this.#rejectRun?.(reason);
  }
}
