import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchClock } from './clock-watch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function clockWith(steps: readonly number[]): number[] {
  const told: number[] = [];
  let monotonic = 0;
  let offset = 1_700_000_000_000;
  const stop = watchClock({
    onSetBack: (byMs) => void told.push(byMs),
    wallMs: () => monotonic + offset,
    monotonicMs: () => monotonic,
  });
  for (const step of steps) {
    monotonic += 500;
    offset += step;
    vi.advanceTimersByTime(500);
  }
  stop();
  expect(vi.getTimerCount()).toBe(0);
  return told;
}

test('a step back is told once', () => {
  expect(clockWith([0, 0, -3_600_000, 0, 0])).toEqual([3_600_000]);
});

test('a clock that runs, a step forward and small corrections are nothing', () => {
  expect(clockWith([0, 3_600_000, 0, -900, -900, 50])).toEqual([]);
});
