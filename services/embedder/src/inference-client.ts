import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EmbedderError, reasonOf } from './errors.js';
import type {
  Device,
  InferenceRequest,
  InferenceRow,
  UnpackedGlitch,
  WorkerMessage,
  WorkerSetup,
} from './inference-protocol.js';

/** How long a batch in hand may take when its worker is closed. */
const CLOSE_GRACE_MS = 5_000;

export interface BatchAnswer {
  /** One per glitch, in order. */
  readonly rows: readonly InferenceRow[];
  readonly inferenceSec: readonly number[];
}

export interface InferenceClientOptions {
  readonly setup: WorkerSetup;
  readonly workerUrl: URL;
  /** A worker that is silent for so long over one batch is ended. */
  readonly batchTimeoutMs: number;
}

/** One living worker; it takes one batch at a time. */
export interface InferenceClient {
  readonly device: Device;
  readonly fallbackReason: string | undefined;
  alive(): boolean;
  /** Rejects with `worker_died` when the worker ends before it answers. */
  run(glitches: readonly UnpackedGlitch[]): Promise<BatchAnswer>;
  /** Lets the batch in hand end first: amid native work a thread's end takes the process with it. */
  close(): Promise<void>;
}

type RowsMessage = Extract<WorkerMessage, { kind: 'rows' }>;

interface Pending {
  readonly id: number;
  readonly resolve: (answer: RowsMessage) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a worker and waits until its network has run once. Rejects with
 * `model_mismatch` when the network is not what model.json says, with
 * `worker_died` when the worker ends for another reason.
 */
export async function startInferenceClient(
  options: InferenceClientOptions,
): Promise<InferenceClient> {
  const worker = new Worker(options.workerUrl, { workerData: options.setup });
  let exited = false;
  let lastError: unknown;
  let pending: Pending | undefined;
  let nextId = 1;
  /** Resolves when no batch is in hand. */
  let inHand: Promise<unknown> = Promise.resolve();

  const died = (what: string): EmbedderError =>
    new EmbedderError('worker_died', `inference worker ${what}`, { cause: lastError });

  const ready = new Promise<Extract<WorkerMessage, { kind: 'ready' }>>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      switch (message.kind) {
        case 'ready':
          return resolve(message);
        case 'unusable':
          return reject(new EmbedderError(message.code, message.reason));
        case 'rows':
          if (pending?.id === message.id) pending.resolve(message);
          return;
        default: {
          const unknown: never = message;
          throw new TypeError(`no such worker message: ${JSON.stringify(unknown)}`);
        }
      }
    });
    worker.on('error', (error) => {
      lastError = error;
    });
    worker.on('exit', (code) => {
      exited = true;
      const why = lastError === undefined ? `exit code ${code}` : reasonOf(lastError);
      const error = died(`ended: ${why}`);
      reject(error);
      pending?.reject(error);
    });
  });
  const { device, fallbackReason } = await ready;

  const run = async (glitches: readonly UnpackedGlitch[]): Promise<BatchAnswer> => {
    if (exited) throw died('has ended already');
    if (pending !== undefined) throw new Error('an inference worker takes one batch at a time');
    const request: InferenceRequest = { id: nextId++, glitches };
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = new Promise<RowsMessage>((resolve, reject) => {
        pending = { id: request.id, resolve, reject };
        timer = setTimeout(() => {
          lastError = new Error(
            `expected an answer to ${glitches.length} glitch(es) within ${options.batchTimeoutMs} ms, found none`,
          );
          // The exit event rejects the batch.
          worker.terminate().catch(reject);
        }, options.batchTimeoutMs);
        worker.postMessage(request);
      });
      inHand = answer.catch(() => undefined); // the caller is told; here only the end matters
      return await answer;
    } finally {
      clearTimeout(timer);
      pending = undefined;
    }
  };

  return {
    device,
    fallbackReason,
    alive: () => !exited,
    run,
    async close() {
      await Promise.race([inHand, delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
      await worker.terminate();
    },
  };
}
