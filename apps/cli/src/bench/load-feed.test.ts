import { Glitch } from '@glitchwatch/proto';
import { describe, expect, test } from 'vitest';
import { feedLoad, poissonArrivals } from './load-feed.js';

const poisson = { kind: 'poisson', first: 0, count: 4000, ratePerSec: 200, seed: 3 } as const;
const signal = new AbortController().signal;

describe('Poisson arrivals', () => {
  test('the same seed gives the same moments, in growing order', () => {
    const arrivals = poissonArrivals(poisson);
    expect(arrivals).toEqual(poissonArrivals(poisson));
    expect(arrivals).not.toEqual(poissonArrivals({ ...poisson, seed: 4 }));
    expect(arrivals).toEqual(arrivals.slice().sort());
  });

  test('the gaps have the mean and the spread of an exponential distribution', () => {
    const arrivals = poissonArrivals(poisson);
    const gaps = Array.from(arrivals, (at, i) => at - (arrivals[i - 1] ?? 0));
    const mean = gaps.reduce((a, b) => a + b) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // Standard errors at 4,000 gaps: 1.6 % of the mean, about 3 % of the spread.
    expect(mean).toBeGreaterThan(4.7);
    expect(mean).toBeLessThan(5.3);
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.9);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.1);
  });
});

test('arrivals do not wait for what is slow, and the wait counts from the moment due', async () => {
  const feed = { ...poisson, count: 20, ratePerSec: 2000 };
  const handedIn: number[] = [];
  let release: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const times = await feedLoad(feed, {
    signal,
    glitch: (index) => Glitch.fromPartial({ windows: [{ nTime: index }] }),
    // Nothing is taken before the last has been handed in: a closed loop would stand still.
    submit: async ([glitch]) => {
      handedIn.push(glitch?.windows[0]?.nTime ?? -1);
      if (handedIn.length === feed.count) release();
      await all;
    },
  });
  expect(handedIn).toEqual(Array.from({ length: feed.count }, (_, i) => i));
  const arrivals = poissonArrivals(feed);
  const due = Array.from(times.arrivalMs, (at) => at - times.arrivalMs[0]! + arrivals[0]!);
  due.forEach((at, i) => {
    expect(at).toBeCloseTo(arrivals[i]!, 2);
  });
  const last = times.arrivalMs.at(-1)!;
  for (const accepted of times.acceptedMs) expect(accepted).toBeGreaterThanOrEqual(last);
});

test('a burst hands in every glitch once', async () => {
  const seen: number[] = [];
  const times = await feedLoad(
    { kind: 'burst', first: 7, count: 1000 },
    {
      signal,
      glitch: (index) => Glitch.fromPartial({ windows: [{ nTime: index }] }),
      submit: async (glitches) => {
        seen.push(...glitches.map(({ windows }) => windows[0]?.nTime ?? -1));
      },
    },
  );
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => 7 + i));
  expect(times.acceptedMs.every((at) => at > 0)).toBe(true);
});
