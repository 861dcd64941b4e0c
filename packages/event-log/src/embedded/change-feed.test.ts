import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeFeed } from './change-feed.js';

describe('ChangeFeed', () => {
  let version = 1;
  let polls = 0;
  let feed: ChangeFeed;
  const never = new AbortController().signal;
  beforeEach(() => {
    vi.useFakeTimers();
    polls = 0;
    version = 1;
    feed = new ChangeFeed(() => {
      polls += 1;
      return version;
    }, 25);
  });
  afterEach(() => {
    feed.close();
    vi.useRealTimers();
  });

  test('a change of this log wakes those who wait for it, at once, and nobody else', async () => {
    const [one, other] = [feed.listen(['1/0']), feed.listen(['1/1'])];
    await vi.advanceTimersByTimeAsync(25);
    await Promise.all([one.wait(never), other.wait(never)]);
    let otherWoke = false;
    const waiting = one.wait(never);
    void other.wait(never).then(() => {
      otherWoke = true;
    });
    feed.notify(['1/0', '7/7']);
    await waiting;
    expect(otherWoke).toBe(false);
  });

  test('a change between looking and waiting is not missed', async () => {
    const listener = feed.listen(['1/0']);
    feed.notify(['1/0']);
    await listener.wait(never);
  });

  test('a change by another process is seen at the next poll', async () => {
    const listener = feed.listen(['1/0']);
    await vi.advanceTimersByTimeAsync(25);
    await listener.wait(never);
    let woke = false;
    void listener.wait(never).then(() => {
      woke = true;
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(woke).toBe(false);
    version = 2;
    await vi.advanceTimersByTimeAsync(25);
    expect(woke).toBe(true);
  });

  test('an abort or a time limit ends the wait', async () => {
    const listener = feed.listen(['1/0']);
    await vi.advanceTimersByTimeAsync(25);
    await listener.wait(never);
    const abort = new AbortController();
    const aborted = listener.wait(abort.signal);
    abort.abort();
    await aborted;
    const timed = listener.wait(never, 40);
    await vi.advanceTimersByTimeAsync(40);
    await timed;
    await listener.wait(AbortSignal.abort());
  });

  test('nobody polls while nobody waits', async () => {
    const listener = feed.listen(['1/0']);
    await vi.advanceTimersByTimeAsync(100);
    expect(polls).toBe(4);
    listener.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(polls).toBe(4);
    expect(vi.getTimerCount()).toBe(0);
  });
});
