import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './observatory/fault.js';
import { type Replica, type ServiceName, serviceNames } from './observatory/fleet.js';
import type { Observatory } from './observatory/observatory.js';
import { randomFrom, scaled, seed } from './observatory/scale.js';

const ROUNDS = scaled(20, 1);
const BETWEEN_KILLS = scaled(8, 4);
const MOMENT_MS = 1_000;

/** kill -9 somewhere within the work on a batch, a fit or a commit: the seed names the moment. */
export const killServices: Fault = {
  name: 'each service killed (kill -9)',
  async happen(observatory) {
    const random = randomFrom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      for (const service of serviceNames) {
        await delay(Math.floor(random() * MOMENT_MS));
        const killed = await killOne(observatory, service, random());
        await observatory.fleet.startAgain(killed);
        await observatory.feeder.more(BETWEEN_KILLS);
      }
    }
    return { rounds: ROUNDS, note: `${ROUNDS * serviceNames.length} processes killed` };
  },
};

async function killOne(
  { fleet }: Observatory,
  service: ServiceName,
  draw: number,
): Promise<Replica> {
  const replicas = fleet.replicas(service);
  const replica = replicas[Math.floor(draw * replicas.length)]!;
  await fleet.kill(replica);
  return replica;
}
