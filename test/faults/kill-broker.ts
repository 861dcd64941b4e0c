import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './observatory/fault.js';
import { randomFrom, scaled, seed } from './observatory/scale.js';

const ROUNDS = scaled(5, 1);
const MOMENT_MS = 1_500;
const BETWEEN_KILLS = scaled(30, 8);

export const killBroker: Fault = {
  name: 'broker killed (kill -9) and started again',
  async happen({ kafka, feeder }) {
    const random = randomFrom(seed + 2);
    for (let round = 0; round < ROUNDS; round++) {
      await delay(Math.floor(random() * MOMENT_MS));
      await kafka.kill();
      await kafka.restart();
      await feeder.more(BETWEEN_KILLS);
    }
    return { rounds: ROUNDS };
  },
};
