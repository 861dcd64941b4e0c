import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { IngestError } from './errors.js';

const MAX_DEATHS = 2;
/** How long a job in hand may take when the pool closes. */
const CLOSE_GRACE_MS = 5_000;

/** What travels between a pool and its threads. */
export interface ThreadRequest<Input> {
  readonly id: number;
  readonly input: Input;
}

export type ThreadReply<Output> =
  | { readonly id: number; readonly output: Output }
  | { readonly id: number; readonly problem: string };

export interface ThreadPool<Input, Output> {
  /**
   * Waits for a free place.
   * @throws the pool's refusal, or IngestError `stopped` after `close`.
   */
  run(input: Input): Promise<Output>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface ThreadPoolOptions {
  /** For people: "decoder". */
  readonly name: string;
  readonly size: number;
  readonly jobsPerThread: number;
  readonly workerUrl: URL;
  /** What a job's problem becomes for the caller. */
  readonly refusal: (problem: string, options: ErrorOptions) => IngestError;
}

interface Job<Input, Output> {
  readonly input: Input;
  /** Threads that died with it. */
  deaths: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Input, Output> {
  readonly worker: Worker;
  readonly jobs: Map<number, Job<Input, Output>>;
  /** Called when it has no job any more, whether done or dead. */
  onIdle?: () => void;
}

/**
 * CPU work off the event loop. Threads are started on demand and end with the pool.
 * The jobs of a thread that dies are tried once more on another, then they are refused.
 */
export function createThreadPool<Input, Output>(
  options: ThreadPoolOptions,
): ThreadPool<Input, Output> {
  const { name, size, jobsPerThread, workerUrl, refusal } = options;
  const threads = new Set<Thread<Input, Output>>();
  const queue: Job<Input, Output>[] = [];
  let nextId = 0;
  let closed = false;
  let ended: Promise<unknown> | undefined;

  function start(): Thread<Input, Output> {
    const worker = new Worker(workerUrl);
    const thread: Thread<Input, Output> = { worker, jobs: new Map() };
    threads.add(thread);
    // An idle pool does not keep the process alive.
    worker.unref();
    worker.on('message', (reply: ThreadReply<Output>) => settle(thread, reply));
    worker.on('error', (error) => fail(thread, error));
    worker.on('exit', () => fail(thread, new Error(`a ${name} thread ended`)));
    return thread;
  }

  function settle(thread: Thread<Input, Output>, reply: ThreadReply<Output>): void {
    const job = thread.jobs.get(reply.id);
    thread.jobs.delete(reply.id);
    if (thread.jobs.size === 0) {
      thread.worker.unref();
      thread.onIdle?.();
    }
    if ('output' in reply) job?.resolve(reply.output);
    else job?.reject(refusal(reply.problem, {}));
    dispatch();
  }

  function fail(thread: Thread<Input, Output>, error: Error): void {
    if (!threads.delete(thread)) return;
    thread.onIdle?.();
    for (const job of thread.jobs.values()) {
      job.deaths += 1;
      if (closed) job.reject(stopped());
      else if (job.deaths < MAX_DEATHS) queue.unshift(job);
      else {
        const problem = `the ${name} died of it ${MAX_DEATHS} times (${error.message})`;
        job.reject(refusal(problem, { cause: error }));
      }
    }
    dispatch();
  }

  function dispatch(): void {
    for (let job = queue[0]; job !== undefined && !closed; job = queue[0]) {
      const thread = freeThread(job);
      if (thread === undefined) return;
      queue.shift();
      const request: ThreadRequest<Input> = { id: nextId, input: job.input };
      thread.jobs.set(nextId, job);
      nextId += 1;
      thread.worker.ref();
      thread.worker.postMessage(request);
    }
  }

  /** A job that a thread died with gets one to itself, so that no other dies beside it. */
  function freeThread(job: Job<Input, Output>): Thread<Input, Output> | undefined {
    const open = [...threads].filter((thread) => !holdsSuspect(thread));
    const [idlest] = open.sort((a, b) => a.jobs.size - b.jobs.size);
    if (idlest !== undefined && idlest.jobs.size === 0) return idlest;
    if (threads.size < size) return start();
    if (idlest === undefined || job.deaths > 0) return undefined;
    return idlest.jobs.size < jobsPerThread ? idlest : undefined;
  }

  function holdsSuspect({ jobs }: Thread<Input, Output>): boolean {
    for (const { deaths } of jobs.values()) if (deaths > 0) return true;
    return false;
  }

  /** A thread that is terminated amid native work (zlib) takes the whole process with it. */
  async function end(thread: Thread<Input, Output>): Promise<void> {
    if (thread.jobs.size > 0) {
      const idle = new Promise<void>((resolve) => {
        thread.onIdle = resolve;
      });
      await Promise.race([idle, delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
    }
    await thread.worker.terminate();
  }

  return {
    run(input) {
      if (closed) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        queue.push({ input, deaths: 0, resolve, reject });
        dispatch();
      });
    },
    close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(stopped());
      for (const { jobs } of threads) for (const job of jobs.values()) job.reject(stopped());
      ended ??= Promise.all([...threads].map(end));
      return ended.then(() => undefined);
    },
  };
}

function stopped(): IngestError {
  return new IngestError('stopped', 'Ingest is stopping.');
}
