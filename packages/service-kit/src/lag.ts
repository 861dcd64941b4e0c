import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@glitchwatch/event-log';
import type { Registry } from 'prom-client';
import { counter, gauge } from './metrics.js';

/**
 * Keeps `glitchwatch_consumer_lag_records{group,topic}` up to date until `signal`
 * aborts. A log that cannot answer is counted in
 * `glitchwatch_consumer_lag_errors_total{group}` and asked again; the promise
 * never rejects.
 */
export async function trackLag(
  log: Pick<EventLog, 'lag'>,
  registry: Registry,
  groupId: string,
  topics: readonly string[],
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  const records = gauge(registry, {
    name: 'glitchwatch_consumer_lag_records',
    help: 'Records that a consumer group has not yet committed',
    labelNames: ['group', 'topic'],
  });
  const errors = counter(registry, {
    name: 'glitchwatch_consumer_lag_errors_total',
    help: 'Failed attempts to read the lag of a consumer group',
    labelNames: ['group'],
  });
  while (!signal.aborted) {
    try {
      const lags = await log.lag(groupId, topics);
      for (const topic of topics) {
        let sum = 0n;
        for (const entry of lags) if (entry.topic === topic) sum += entry.lag;
        records.set({ group: groupId, topic }, Number(sum));
      }
    } catch {
      // The counter is the report; the next round tries again.
      errors.inc({ group: groupId });
    }
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
