import { expect, test } from 'vitest';
import { Arrivals, bareRate } from './bare-loop.js';

test('every value goes through once, after a warm-up of its own', async () => {
  const arrivals = new Arrivals();
  const sent: number[] = [];
  const values = Array.from({ length: 10 }, (_, i) => Uint8Array.of(i));
  const rate = await bareRate({ values, warmUp: 3 }, arrivals, 4, async (part) => {
    sent.push(...part.map(([value]) => value ?? -1));
    arrivals.add(part.length);
  });
  expect(sent).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(rate).toBeGreaterThan(0);
});

test('the clock runs until the last has come out, not until the last went in', async () => {
  const arrivals = new Arrivals();
  let sent = 0;
  let ended = false;
  const rate = bareRate({ values: [Uint8Array.of(1)], warmUp: 0 }, arrivals, 1, async () => {
    sent += 1;
  }).finally(() => {
    ended = true;
  });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect({ sent, ended }).toEqual({ sent: 1, ended: false });
  arrivals.add(1);
  expect(await rate).toBeGreaterThan(0);
});
