import type { PartitionLag } from '@glitchwatch/event-log';
import { expect, it, vi } from 'vitest';
import { trackLag } from './lag.js';
import { createRegistry } from './metrics.js';

const partition = (topic: string, number: number, lag: bigint): PartitionLag => ({
  topic,
  partition: number,
  committed: 0n,
  lag,
});

it('trackLag sums partitions by topic, survives a failing log and ends on abort', async () => {
  const registry = createRegistry();
  const stop = new AbortController();
  let calls = 0;
  const log = {
    lag: async () => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return [partition('a', 0, 3n), partition('a', 1, 4n), partition('b', 0, 1n)];
    },
  };
  const done = trackLag(log, registry, 'embedder', ['a', 'b'], 1, stop.signal);
  await vi.waitFor(async () => {
    const text = await registry.metrics();
    expect(text).toContain('glitchwatch_consumer_lag_records{group="embedder",topic="a"} 7');
    expect(text).toContain('glitchwatch_consumer_lag_records{group="embedder",topic="b"} 1');
    expect(text).toContain('glitchwatch_consumer_lag_errors_total{group="embedder"} 1');
  });
  stop.abort();
  await done;
});
