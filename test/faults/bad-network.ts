import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './observatory/fault.js';
import type { Line } from './observatory/network.js';
import { scaled } from './observatory/scale.js';

const ROUNDS = scaled(2, 1);
const SLOW_MS = scaled(15_000, 3_000);
const CUT_MS = scaled(5_000, 1_000);
/** In the full form longer than the patience of every connection that waits for an answer. */
const SWALLOW_MS = scaled(30_000, 5_000);
const LATENCY_MS = 200;

export const badNetwork: Fault = {
  name: 'network slow, cut, half-open',
  needs: 'network',
  async happen({ lines, feeder }) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const line of [lines.kafka, lines.redis]) {
        await during(line, () => line.slow(LATENCY_MS), SLOW_MS);
        await during(line, () => line.cut(), CUT_MS);
        await during(line, () => line.swallow(), SWALLOW_MS);
        await feeder.more(6);
      }
    }
    return {
      rounds: ROUNDS,
      note: `to Kafka, then to Redis: ${LATENCY_MS} ms late, refused, swallowed`,
    };
  },
};

async function during(line: Line, begin: () => Promise<void>, ms: number): Promise<void> {
  await begin();
  await delay(ms);
  await line.heal();
}
