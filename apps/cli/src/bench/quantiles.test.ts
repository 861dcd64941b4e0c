import { expect, test } from 'vitest';
import { quantilesOf } from './quantiles.js';

test('a quantile is the smallest value that the share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(quantilesOf(hundred)).toEqual({ p50: 50, p95: 95, p99: 99 });
  expect(quantilesOf([3, 1, 2])).toEqual({ p50: 2, p95: 3, p99: 3 });
  expect(quantilesOf([4])).toEqual({ p50: 4, p95: 4, p99: 4 });
  expect(quantilesOf([]).p50).toBeNaN();
});
