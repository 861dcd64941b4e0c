import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './observatory/fault.js';
import { serviceNames } from './observatory/fleet.js';
import { randomFrom, scaled, seed } from './observatory/scale.js';

const ROUNDS = scaled(Number(process.env.GLITCHWATCH_FAULTS_ROUNDS ?? 20), 1);
const BETWEEN_KILLS = scaled(12, 8);
const MOMENT_MS = 2_000;

/** In each round one replica of every service, each at a moment of its own within the work on a batch, a fit or a commit: the seed names the moments. */
export const killServices: Fault = {
  name: 'one replica of each service killed (kill -9)',
  async happen({ fleet, feeder }) {
    const random = randomFrom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const kills = serviceNames.map(async (service) => {
        const replicas = fleet.replicas(service);
        const replica = replicas[Math.floor(random() * replicas.length)]!;
        await delay(Math.floor(random() * MOMENT_MS));
        await fleet.kill(replica);
        await fleet.startAgain(replica);
      });
      await Promise.all(kills);
      await feeder.more(BETWEEN_KILLS);
    }
    return { rounds: ROUNDS, note: `${ROUNDS * serviceNames.length} processes killed` };
  },
};
