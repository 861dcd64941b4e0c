import { setTimeout as delay } from 'node:timers/promises';
import { describeFault } from './observatory/describe-fault.js';
import { type Replica, type ServiceName, serviceNames } from './observatory/fleet.js';
import type { Observatory } from './observatory/observatory.js';
import { randomFrom, scaled, seed } from './observatory/scale.js';

const ROUNDS = scaled(20, 2);
const BETWEEN_KILLS = 12;
const random = randomFrom(seed);

/** Somewhere within the work on a batch, a fit or a commit: at a moment that the seed names. */
async function killOne(observatory: Observatory, service: ServiceName): Promise<Replica> {
  const replicas = observatory.fleet.replicas(service);
  const replica = replicas[Math.floor(random() * replicas.length)]!;
  await delay(Math.floor(random() * 1_500));
  await observatory.fleet.kill(replica);
  return replica;
}

await describeFault({
  name: 'each service killed (kill -9)',
  order: 1,
  async happen(observatory) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const service of serviceNames) {
        const killed = await killOne(observatory, service);
        await observatory.fleet.startAgain(killed);
        await observatory.feeder.more(BETWEEN_KILLS);
      }
    }
    return { rounds: ROUNDS, note: `${observatory.fleet.kills} processes killed` };
  },
});
