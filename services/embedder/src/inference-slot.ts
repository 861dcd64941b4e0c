import { setTimeout as delay } from 'node:timers/promises';
import { EmbedderError } from './errors.js';
import type { BatchAnswer, InferenceClient } from './inference-client.js';
import type { InferenceRow, UnpackedGlitch } from './inference-protocol.js';

export interface RestartPolicy {
  /** Pause before the first restart in a row; doubles up to `maxPauseMs`. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** Failed starts in a row after which the batch is given back. */
  readonly maxFailedStarts: number;
}

export interface SlotEvents {
  readonly onDeath: (error: EmbedderError, batchSize: number) => void;
  readonly onStart: (client: InferenceClient) => void;
}

export interface SlotAnswer {
  readonly row: InferenceRow | { readonly kind: 'killer'; readonly reason: string };
  /** undefined for a killer. */
  readonly inferenceSec: number | undefined;
}

/** A place for one worker: starts it again when it dies, and finds out why. */
export interface InferenceSlot {
  /** Starts the first worker; rejects at once when that fails. */
  start(): Promise<void>;
  alive(): boolean;
  /**
   * Runs a batch through deaths: once more as a whole, then in halves, so that
   * one glitch that kills the worker is found and the others get their vectors.
   * A glitch is found guilty when two workers in a row died over it alone.
   * Rejects with `worker_died` when no worker can be started, `closed` after
   * `close`.
   */
  run(glitches: readonly UnpackedGlitch[]): Promise<readonly SlotAnswer[]>;
  close(): Promise<void>;
}

function answersOf(answer: BatchAnswer): SlotAnswer[] {
  return answer.rows.map((row, i) => ({ row, inferenceSec: answer.inferenceSec[i] }));
}

function isDeath(error: unknown): error is EmbedderError {
  return error instanceof EmbedderError && error.code === 'worker_died';
}

export function createInferenceSlot(
  startClient: () => Promise<InferenceClient>,
  policy: RestartPolicy,
  events: SlotEvents,
): InferenceSlot {
  const closing = new AbortController();
  let client: InferenceClient | undefined;
  /** Deaths and failed starts since the last batch that came back. */
  let failuresInRow = 0;

  const begin = async (): Promise<InferenceClient> => {
    const started = await startClient();
    if (closing.signal.aborted) {
      await started.close();
      throw new EmbedderError('closed', 'the embedder has been closed');
    }
    events.onStart(started);
    client = started;
    return started;
  };

  const pause = async (): Promise<void> => {
    const doubled = policy.firstPauseMs * 2 ** Math.min(failuresInRow - 1, 20);
    try {
      await delay(Math.min(doubled, policy.maxPauseMs), undefined, { signal: closing.signal });
    } catch (error) {
      throw new EmbedderError('closed', 'the embedder has been closed', { cause: error });
    }
  };

  /** The living worker, or a new one. A new one has run its network once. */
  const living = async (): Promise<InferenceClient> => {
    for (let failedStarts = 0; ; ) {
      if (closing.signal.aborted) throw new EmbedderError('closed', 'the embedder has been closed');
      if (client?.alive()) return client;
      if (failuresInRow > 0) await pause();
      try {
        return await begin();
      } catch (error) {
        if (error instanceof EmbedderError && error.code === 'closed') throw error;
        failuresInRow++;
        if (++failedStarts < policy.maxFailedStarts) continue;
        throw new EmbedderError(
          'worker_died',
          `no inference worker could be started in ${failedStarts} attempts`,
          { cause: error },
        );
      }
    }
  };

  /** One try; the death of the worker, or its answers. */
  const attempt = async (
    glitches: readonly UnpackedGlitch[],
  ): Promise<readonly SlotAnswer[] | EmbedderError> => {
    const worker = await living();
    try {
      const answers = answersOf(await worker.run(glitches));
      failuresInRow = 0;
      return answers;
    } catch (error) {
      if (!isDeath(error)) throw error;
      if (closing.signal.aborted) throw new EmbedderError('closed', 'the embedder has been closed');
      failuresInRow++;
      client = undefined;
      events.onDeath(error, glitches.length);
      return error;
    }
  };

  /** Runs a batch that has died `deaths` times as it is. */
  const persist = async (
    glitches: readonly UnpackedGlitch[],
    deaths: number,
  ): Promise<readonly SlotAnswer[]> => {
    const outcome = await attempt(glitches);
    if (!(outcome instanceof EmbedderError)) return outcome;
    // A death may be the late effect of the batch before, so once is no proof.
    if (deaths === 0) return persist(glitches, 1);
    if (glitches.length <= 1) {
      // Alone, and each worker had just shown that it works.
      return [{ row: { kind: 'killer', reason: outcome.message }, inferenceSec: undefined }];
    }
    const half = glitches.length >> 1;
    const answers: SlotAnswer[] = [];
    for (const part of [glitches.slice(0, half), glitches.slice(half)]) {
      // Part of a deadly batch is suspect, and goes on to its own halves at the
      // first death; only a single glitch gets a second chance.
      answers.push(...(await persist(part, part.length > 1 ? 1 : 0)));
    }
    return answers;
  };

  return {
    async start() {
      await begin();
    },
    alive: () => client?.alive() ?? false,
    run: (glitches) => persist(glitches, 0),
    async close() {
      closing.abort();
      await client?.close();
    },
  };
}
