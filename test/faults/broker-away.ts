import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './observatory/fault.js';
import { scaled } from './observatory/scale.js';

const AWAY_MS = scaled(60_000, 10_000);

export const brokerAway: Fault = {
  name: `broker unreachable for ${AWAY_MS / 1_000} s`,
  needs: 'network',
  async happen({ lines, feeder }) {
    await lines.kafka.cut();
    await delay(AWAY_MS);
    await lines.kafka.heal();
    await feeder.more(8);
    return { rounds: 1, note: 'connections refused meanwhile' };
  },
};
