import { Worker } from 'node:worker_threads';
import { EmbedderError, reasonOf } from '../errors.js';
import type { GlitchInput } from '../glitch-input.js';
import type { UnpackedGlitch } from '../inference-protocol.js';
import {
  packBatch,
  type UnpackAnswer,
  type UnpackedRow,
  type UnpackSetup,
} from './unpack-protocol.js';

export type UnpackResult = { readonly decodeSec: number } & (
  | { readonly kind: 'unpacked'; readonly glitch: UnpackedGlitch }
  | { readonly kind: 'failed'; readonly reason: string }
);

/**
 * Threads that unpack grids for the inference workers, so that a network never waits
 * for DEFLATE. They outlive inference workers that die: what is unpacked stays, and a
 * batch that is tried again is not unpacked again.
 */
export interface GridUnpacker {
  /**
   * One result per glitch, in order; safe to call while others are under way. Rejects
   * with `worker_died` when the thread ends, after which the next call starts another,
   * and with `closed` after `close`.
   */
  unpack(glitches: readonly GlitchInput[]): Promise<readonly UnpackResult[]>;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (answer: UnpackAnswer) => void;
  readonly reject: (error: Error) => void;
}

function resultOf(row: UnpackedRow, levels: SharedArrayBuffer, input: GlitchInput): UnpackResult {
  const decodeSec = row.seconds;
  if (row.kind === 'failed') return { kind: 'failed', reason: row.reason, decodeSec };
  const glitch = { levels, windows: row.windows, hidden: input.hidden };
  return { kind: 'unpacked', glitch, decodeSec };
}

interface Thread {
  pending(): number;
  unpack: GridUnpacker['unpack'];
  close(): Promise<void>;
}

/** A thread that is started when it is needed and ends only by a fault or `close`. */
function createThread(workerUrl: URL, setup: UnpackSetup): Thread {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let closed = false;
  let nextId = 1;

  const start = (): Worker => {
    const started = new Worker(workerUrl, { workerData: setup });
    let lastError: unknown;
    started.on('message', (answer: UnpackAnswer) => {
      pending.get(answer.id)?.resolve(answer);
    });
    started.on('error', (error) => {
      lastError = error;
    });
    started.on('exit', (code) => {
      worker = undefined;
      const why = lastError === undefined ? `exit code ${code}` : reasonOf(lastError);
      const error = closed
        ? new EmbedderError('closed', 'the embedder has been closed')
        : new EmbedderError('worker_died', `unpacking worker ended: ${why}`, { cause: lastError });
      for (const { reject } of pending.values()) reject(error);
    });
    return started;
  };

  return {
    pending: () => pending.size,
    async unpack(glitches) {
      if (closed) throw new EmbedderError('closed', 'the embedder has been closed');
      const request = packBatch(nextId++, glitches);
      worker ??= start();
      const to = worker;
      try {
        const { levels, rows } = await new Promise<UnpackAnswer>((resolve, reject) => {
          pending.set(request.id, { resolve, reject });
          to.postMessage(request, [request.bytes.buffer]);
        });
        return glitches.map((input, i) => resultOf(rows[i]!, levels, input));
      } finally {
        pending.delete(request.id);
      }
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}

/** `size` threads; a batch goes to the one with the fewest. */
export function createGridUnpacker(size: number, workerUrl: URL, setup: UnpackSetup): GridUnpacker {
  const threads = Array.from({ length: size }, () => createThread(workerUrl, setup));
  return {
    unpack(glitches) {
      const idlest = threads.reduce((a, b) => (b.pending() < a.pending() ? b : a));
      return idlest.unpack(glitches);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
