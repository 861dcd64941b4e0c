import { expect, it } from 'vitest';
import { createTokenBucket } from './token-bucket.js';

function bucketAt(perSecond: number, burst: number) {
  const time = { ms: 0 };
  const bucket = createTokenBucket({ perSecond, burst, clock: { nowMs: () => time.ms } });
  return { time, bucket };
}

it('lets a burst through, then says how long to wait, then refills', () => {
  const { time, bucket } = bucketAt(10, 5);
  expect(bucket.take(5)).toBe(0);
  expect(bucket.take(2)).toBe(200);
  time.ms = 199;
  expect(bucket.take(2)).toBe(1);
  time.ms = 200;
  expect(bucket.take(2)).toBe(0);
});

it('takes a request larger than the bucket when full, and then makes the next one wait for it', () => {
  const { time, bucket } = bucketAt(10, 5);
  expect(bucket.take(15)).toBe(0);
  expect(bucket.take(1)).toBe(1100);
  time.ms = 1100;
  expect(bucket.take(1)).toBe(0);
});

it('does not lose tokens when the clock steps back', () => {
  const { time, bucket } = bucketAt(10, 5);
  expect(bucket.take(4)).toBe(0);
  time.ms = -10_000;
  expect(bucket.take(1)).toBe(0);
});
