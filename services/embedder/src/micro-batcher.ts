import { EmbedderError } from './errors.js';

export interface MicroBatcherOptions<Item, Result> {
  /** A batch is sent when it has so many items … */
  readonly maxItems: number;
  /** … or when its oldest item has waited so long, and a runner is free. */
  readonly maxDelayMs: number;
  /** Items that may wait; above that `submit` makes its caller wait. */
  readonly maxQueued: number;
  /** Batches under way at once. */
  readonly maxConcurrent: number;
  /** One result per item, in order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Told how long each item of a batch has waited, in seconds. */
  readonly onDispatch?: ((waitedSec: readonly number[]) => void) | undefined;
}

/**
 * Gathers items from many callers into batches. Promises: first come, first
 * served; at most `maxQueued` items wait; every `submit` settles, also when
 * `run` rejects (all of its items get that error) or the batcher is closed.
 */
export interface MicroBatcher<Item, Result> {
  /**
   * Resolves, as soon as the item is in the queue, to a promise of its result
   * inside an object. An abort takes an item that still waits out of the queue.
   */
  submit(item: Item, signal?: AbortSignal): Promise<{ readonly result: Promise<Result> }>;
  /** Items waiting. */
  queued(): number;
  /** Rejects what waits with `closed`, and resolves when nothing is under way. */
  close(): Promise<void>;
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

const closedError = (): EmbedderError =>
  new EmbedderError('closed', 'the embedder has been closed');

export function createMicroBatcher<Item, Result>(
  options: MicroBatcherOptions<Item, Result>,
): MicroBatcher<Item, Result> {
  const queue: Entry<Item, Result>[] = [];
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const admitWaiting = (): void => {
    for (let room = options.maxQueued - queue.length; room > 0; room--) waiting.shift()?.();
  };

  const runBatch = async (batch: readonly Entry<Item, Result>[]): Promise<void> => {
    const now = performance.now();
    options.onDispatch?.(batch.map((entry) => (now - entry.sinceMs) / 1000));
    try {
      const results = await options.run(batch.map((entry) => entry.item));
      if (results.length !== batch.length) {
        throw new Error(`expected ${batch.length} results of a batch, found ${results.length}`);
      }
      batch.forEach((entry, i) => {
        entry.resolve(results[i] as Result);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  };

  const dispatch = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (queue.length > 0 && running.size < options.maxConcurrent) {
      const waitedMs = performance.now() - (queue[0]?.sinceMs ?? 0);
      if (queue.length < options.maxItems && waitedMs < options.maxDelayMs) {
        timer = setTimeout(dispatch, Math.max(1, Math.ceil(options.maxDelayMs - waitedMs)));
        break;
      }
      const batch = queue.splice(0, options.maxItems);
      const run = runBatch(batch).finally(() => {
        running.delete(run);
        dispatch();
      });
      running.add(run);
    }
    admitWaiting();
  };

  /** Resolves when there may be room, in the order of asking. */
  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        const at = waiting.indexOf(admit);
        if (at >= 0) waiting.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.push(admit);
    });

  const enqueue = (item: Item, signal: AbortSignal | undefined): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      const leave = (): void => {
        const at = queue.indexOf(entry);
        if (at >= 0) queue.splice(at, 1);
        reject(signal?.reason);
        admitWaiting();
      };
      const settle = (): void => signal?.removeEventListener('abort', leave);
      const entry: Entry<Item, Result> = {
        item,
        sinceMs: performance.now(),
        signal,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.push(entry);
      dispatch();
    });

  return {
    async submit(item, signal) {
      signal?.throwIfAborted();
      // No await between the last look at the queue and joining it, or callers
      // that come together would all see the same free place.
      while (!closed && queue.length >= options.maxQueued) {
        await turn(signal);
        signal?.throwIfAborted();
      }
      if (closed) throw closedError();
      return { result: enqueue(item, signal) };
    },
    queued: () => queue.length,
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const entry of queue.splice(0)) entry.reject(closedError());
      for (const admit of waiting.splice(0)) admit();
      await Promise.all(running);
    },
  };
}
