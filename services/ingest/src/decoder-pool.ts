import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest } from './decode-messages.js';
import { IngestError } from './errors.js';

/** Two pictures per thread: one unpacks in libuv while the other is inverted. */
const JOBS_PER_THREAD = 2;
const MAX_DEATHS = 2;
/** How long a picture in hand may take when the pool closes. */
const CLOSE_GRACE_MS = 5_000;

export interface DecoderPool {
  /**
   * A picture as an encoded message grid. Waits for a free place.
   * @throws IngestError `bad_picture`, or `stopped` after `close`.
   */
  decode(png: Uint8Array): Promise<Buffer>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface DecoderPoolOptions {
  /** Default: one thread per core. */
  readonly size?: number | undefined;
  readonly workerUrl?: URL | undefined;
}

interface Job {
  readonly png: Uint8Array;
  /** Threads that died with it. */
  deaths: number;
  readonly resolve: (code: Buffer) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** Called when it has no job any more, whether done or dead. */
  onIdle?: () => void;
}

/**
 * Decoding costs 7 to 10 ms of JavaScript per picture (viridis inversion above
 * all), which on the event loop would hold up everything else in the process.
 * Threads are started on demand and end with the pool. The pictures of a thread
 * that dies are tried once more on another, then they are refused.
 */
export function createDecoderPool(options: DecoderPoolOptions = {}): DecoderPool {
  const { size = availableParallelism() } = options;
  const workerUrl = options.workerUrl ?? new URL('../dist/decode-worker.js', import.meta.url);
  const threads = new Set<Thread>();
  const queue: Job[] = [];
  let nextId = 0;
  let closed = false;
  let ended: Promise<unknown> | undefined;

  function start(): Thread {
    const worker = new Worker(workerUrl);
    const thread: Thread = { worker, jobs: new Map() };
    threads.add(thread);
    // An idle pool does not keep the process alive.
    worker.unref();
    worker.on('message', (reply: DecodeReply) => settle(thread, reply));
    worker.on('error', (error) => fail(thread, error));
    worker.on('exit', () => fail(thread, new Error('a decoder thread ended')));
    return thread;
  }

  function settle(thread: Thread, reply: DecodeReply): void {
    const job = thread.jobs.get(reply.id);
    thread.jobs.delete(reply.id);
    if (thread.jobs.size === 0) {
      thread.worker.unref();
      thread.onIdle?.();
    }
    if ('code' in reply)
      job?.resolve(Buffer.from(reply.code.buffer, reply.code.byteOffset, reply.code.byteLength));
    else job?.reject(new IngestError('bad_picture', reply.problem));
    dispatch();
  }

  function fail(thread: Thread, error: Error): void {
    if (!threads.delete(thread)) return;
    thread.onIdle?.();
    for (const job of thread.jobs.values()) {
      job.deaths += 1;
      if (closed) job.reject(stopped());
      else if (job.deaths < MAX_DEATHS) queue.unshift(job);
      else {
        const message = `the decoder died of it ${MAX_DEATHS} times (${error.message})`;
        job.reject(new IngestError('bad_picture', message, { cause: error }));
      }
    }
    dispatch();
  }

  function dispatch(): void {
    for (let job = queue[0]; job !== undefined && !closed; job = queue[0]) {
      const thread = freeThread(job);
      if (thread === undefined) return;
      queue.shift();
      const request: DecodeRequest = { id: nextId, png: job.png };
      thread.jobs.set(nextId, job);
      nextId += 1;
      thread.worker.ref();
      thread.worker.postMessage(request);
    }
  }

  /** A picture that a thread died with gets one to itself, so that no other dies beside it. */
  function freeThread(job: Job): Thread | undefined {
    const open = [...threads].filter((thread) => !holdsSuspect(thread));
    const [idlest] = open.sort((a, b) => a.jobs.size - b.jobs.size);
    if (idlest !== undefined && idlest.jobs.size === 0) return idlest;
    if (threads.size < size) return start();
    if (idlest === undefined || job.deaths > 0) return undefined;
    return idlest.jobs.size < JOBS_PER_THREAD ? idlest : undefined;
  }

  function holdsSuspect({ jobs }: Thread): boolean {
    for (const { deaths } of jobs.values()) if (deaths > 0) return true;
    return false;
  }

  /** A thread that is terminated amid native work (zlib) takes the whole process with it. */
  async function end(thread: Thread): Promise<void> {
    if (thread.jobs.size > 0) {
      const idle = new Promise<void>((resolve) => {
        thread.onIdle = resolve;
      });
      await Promise.race([idle, delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
    }
    await thread.worker.terminate();
  }

  return {
    decode(png) {
      if (closed) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        queue.push({ png, deaths: 0, resolve, reject });
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
