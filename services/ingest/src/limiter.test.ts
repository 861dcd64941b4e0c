import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLimiter, forEachBounded } from './limiter.js';

function gauge() {
  const state = { now: 0, max: 0, done: 0 };
  const work = async (): Promise<void> => {
    state.now += 1;
    state.max = Math.max(state.max, state.now);
    await setImmediate();
    state.now -= 1;
    state.done += 1;
  };
  return { state, work };
}

describe('createLimiter', () => {
  it('never runs more than the limit, also when one fails', async () => {
    const { state, work } = gauge();
    const limiter = createLimiter(3);
    const jobs = Array.from({ length: 20 }, (_, i) =>
      limiter.run(async () => {
        await work();
        if (i % 5 === 0) throw new Error('no');
      }),
    );
    const results = await Promise.allSettled(jobs);
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(4);
    expect(state).toEqual({ now: 0, max: 3, done: 20 });
  });
});

describe('forEachBounded', () => {
  const never = new AbortController().signal;

  it('visits every item, at most the limit at once', async () => {
    const { state, work } = gauge();
    await forEachBounded(Array.from({ length: 17 }), { limit: 4, signal: never }, work);
    expect(state).toEqual({ now: 0, max: 4, done: 17 });
  });

  it('throws the first failure after the others have ended', async () => {
    const { state, work } = gauge();
    const run = forEachBounded([1, 2, 3, 4, 5, 6], { limit: 2, signal: never }, async (item) => {
      await work();
      if (item === 3) throw new Error('third');
    });
    await expect(run).rejects.toThrow('third');
    expect(state.now).toBe(0);
    expect(state.done).toBeLessThan(6);
  });

  it('stops taking items on abort', async () => {
    const { state, work } = gauge();
    const stop = new AbortController();
    await forEachBounded([1, 2, 3, 4], { limit: 1, signal: stop.signal }, async (item) => {
      await work();
      if (item === 2) stop.abort();
    });
    expect(state.done).toBe(2);
  });
});
