import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMicroBatcher, type MicroBatcherOptions } from './micro-batcher.js';

interface Harness {
  readonly batches: number[][];
  /** Lets the oldest batch under way finish. */
  release(): void;
}

function harness(options: Partial<MicroBatcherOptions<number, number>> = {}) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = createMicroBatcher<number, number>({
    maxItems: 4,
    maxDelayMs: 0,
    maxQueued: 8,
    maxConcurrent: 1,
    run: async (items) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => item * 10);
    },
    ...options,
  });
  const state: Harness = { batches, release: () => gates.shift()?.() };
  return { batcher, ...state };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('micro-batcher', () => {
  it('gathers what waits while a batch runs, in order, up to maxItems', async () => {
    const { batcher, batches, release } = harness();
    const submitted = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((i) => batcher.submit(i)));
    for (let i = 0; i < 3; i++) {
      release();
      await turn();
    }
    const results = await Promise.all(submitted.map((s) => s.result));
    expect(batches).toEqual([[1], [2, 3, 4, 5], [6, 7]]);
    expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  it('waits maxDelayMs for company, but not when a batch is full', async () => {
    const { batcher, batches, release } = harness({ maxDelayMs: 60_000 });
    const submitted = await Promise.all([1, 2, 3, 4, 5].map((i) => batcher.submit(i)));
    release();
    await Promise.all(submitted.slice(0, 4).map((s) => s.result));
    expect(batches).toEqual([[1, 2, 3, 4]]);
    expect(batcher.queued()).toBe(1);
    submitted[4]?.result.catch(() => undefined);
    await batcher.close();
  });

  it('sends a partial batch once its oldest item has waited long enough', async () => {
    const { batcher, batches, release } = harness({ maxDelayMs: 2 });
    const { result } = await batcher.submit(1);
    await expect.poll(() => batches.length, { timeout: 5000 }).toBe(1);
    release();
    expect(await result).toBe(10);
  });

  it('runs maxConcurrent batches at once', async () => {
    const { batcher, batches, release } = harness({ maxConcurrent: 2 });
    await Promise.all([1, 2, 3].map((i) => batcher.submit(i)));
    expect(batches).toEqual([[1], [2]]);
    release();
    await expect.poll(() => batches, { timeout: 5000 }).toEqual([[1], [2], [3]]);
    release();
    release();
    await batcher.close();
  });

  it('makes callers wait when the queue is full', async () => {
    const { batcher, release } = harness({ maxQueued: 2, maxItems: 1 });
    const accepted: number[] = [];
    const all = [1, 2, 3, 4, 5].map(async (i) => {
      const { result } = await batcher.submit(i);
      accepted.push(i);
      return result;
    });
    await turn();
    expect(accepted).toEqual([1, 2, 3]);
    expect(batcher.queued()).toBe(2);
    release();
    await expect.poll(() => accepted, { timeout: 5000 }).toEqual([1, 2, 3, 4]);
    expect(batcher.queued()).toBe(2);
    for (let i = 0; i < 4; i++) {
      release();
      await turn();
    }
    expect(await Promise.all(all)).toEqual([10, 20, 30, 40, 50]);
  });

  it('takes an aborted item out of the queue', async () => {
    const { batcher, batches, release } = harness();
    const abort = new AbortController();
    const first = await batcher.submit(1);
    const second = await batcher.submit(2, abort.signal);
    const third = await batcher.submit(3);
    abort.abort(new Error('enough'));
    await expect(second.result).rejects.toThrow('enough');
    release();
    await turn();
    release();
    expect(await Promise.all([first.result, third.result])).toEqual([10, 30]);
    expect(batches).toEqual([[1], [3]]);
    await expect(batcher.submit(4, abort.signal)).rejects.toThrow('enough');
  });

  it('lets go of a caller that gives up while the queue is full', async () => {
    const { batcher, release } = harness({ maxQueued: 1, maxItems: 1 });
    const abort = new AbortController();
    const kept = [await batcher.submit(1), await batcher.submit(2)];
    const waiting = batcher.submit(3, abort.signal);
    const behind = batcher.submit(4);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    release();
    const { result } = await behind;
    release();
    await turn();
    release();
    expect(await Promise.all([...kept.map((s) => s.result), result])).toEqual([10, 20, 40]);
  });

  it('gives every item of a failed batch its error and goes on', async () => {
    let calls = 0;
    const { batcher } = harness({
      run: async (items) => {
        if (++calls === 1) throw new Error('no luck');
        return items;
      },
    });
    const first = await batcher.submit(1);
    await expect(first.result).rejects.toThrow('no luck');
    expect(await (await batcher.submit(2)).result).toBe(2);
  });

  it('refuses a wrong number of results', async () => {
    const { batcher } = harness({ run: async () => [] });
    await expect((await batcher.submit(1)).result).rejects.toThrow('expected 1 results');
  });

  it('close rejects what waits, lets finish what runs, and refuses what comes', async () => {
    const { batcher, release } = harness({ maxQueued: 1, maxItems: 1 });
    const running = await batcher.submit(1);
    const queued = await batcher.submit(2);
    const waiting = batcher.submit(3);
    const closing = batcher.close();
    expect(await queued.result.catch(codeOf)).toBe('closed');
    expect(await waiting.catch(codeOf)).toBe('closed');
    release();
    expect(await running.result).toBe(10);
    await closing;
    expect(await batcher.submit(4).catch(codeOf)).toBe('closed');
  });

  it('tells how long items have waited', async () => {
    const waits: number[] = [];
    const { batcher } = harness({
      run: async (items) => items,
      onDispatch: (w) => waits.push(...w),
    });
    await (await batcher.submit(1)).result;
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(0);
  });
});
