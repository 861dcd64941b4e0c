import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest } from './decode-messages.js';
import { IngestError } from './errors.js';

/** Two pictures per thread: one unpacks in libuv while the other is inverted. */
const JOBS_PER_THREAD = 2;

export interface DecoderPool {
  /**
   * A picture as an encoded message grid. Waits for a free place.
   * @throws IngestError `bad_picture`, or `stopped` after `close`.
   */
  decode(png: Uint8Array): Promise<Buffer>;
  /** May be called twice. */
  close(): Promise<void>;
}

interface Job {
  readonly png: Uint8Array;
  readonly resolve: (code: Buffer) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

/**
 * Decoding costs 7 to 10 ms of JavaScript per picture (viridis inversion above
 * all), which on the event loop would hold up everything else in the process.
 * Threads are started on demand and end with the pool; a thread that dies fails
 * only its own pictures and is replaced.
 */
export function createDecoderPool(size = availableParallelism()): DecoderPool {
  const threads = new Set<Thread>();
  const queue: Job[] = [];
  let nextId = 0;
  let closed = false;

  function start(): Thread {
    const worker = new Worker(new URL('../dist/decode-worker.js', import.meta.url));
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
    if (thread.jobs.size === 0) thread.worker.unref();
    if ('code' in reply)
      job?.resolve(Buffer.from(reply.code.buffer, reply.code.byteOffset, reply.code.byteLength));
    else job?.reject(new IngestError('bad_picture', reply.problem));
    dispatch();
  }

  function fail(thread: Thread, error: Error): void {
    if (!threads.delete(thread)) return;
    for (const job of thread.jobs.values()) {
      job.reject(closed ? stopped() : new Error('The picture decoder failed', { cause: error }));
    }
    dispatch();
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const thread = freeThread();
      const job = thread === undefined ? undefined : queue.shift();
      if (thread === undefined || job === undefined) return;
      const request: DecodeRequest = { id: nextId, png: job.png };
      thread.jobs.set(nextId, job);
      nextId += 1;
      thread.worker.ref();
      thread.worker.postMessage(request);
    }
  }

  function freeThread(): Thread | undefined {
    const [idlest] = [...threads].sort((a, b) => a.jobs.size - b.jobs.size);
    if (idlest !== undefined && idlest.jobs.size === 0) return idlest;
    if (threads.size < size) return start();
    return idlest !== undefined && idlest.jobs.size < JOBS_PER_THREAD ? idlest : undefined;
  }

  return {
    decode(png) {
      if (closed) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        queue.push({ png, resolve, reject });
        dispatch();
      });
    },
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(stopped());
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function stopped(): IngestError {
  return new IngestError('stopped', 'Ingest is stopping.');
}
