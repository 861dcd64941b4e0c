import type { Fault } from './observatory/fault.js';
import { scaled } from './observatory/scale.js';

const ROUNDS = scaled(5, 1);
const WHILE_AWAY = scaled(20, 6);

export const loseRedis: Fault = {
  name: 'Redis killed and emptied',
  async happen({ redis, feeder }) {
    for (let round = 0; round < ROUNDS; round++) {
      await redis.kill();
      await redis.empty();
      await feeder.more(WHILE_AWAY);
      await redis.startAgain();
      await feeder.more(WHILE_AWAY);
    }
    return { rounds: ROUNDS, note: 'glitches are taken while it is away' };
  },
};
