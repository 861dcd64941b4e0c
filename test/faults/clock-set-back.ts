import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Fault } from './observatory/fault.js';
import type { Observatory } from './observatory/observatory.js';
import { scaled } from './observatory/scale.js';

const HOUR = 3_600;
/** After which the broker puts a silent member out. */
const SESSION_MS = 6_000;
const WITH_EACH_CLOCK = scaled(60, 10);

/** The wall clock of every service steps back an hour while it works, then forward again. */
export const clockSetBack: Fault = {
  name: 'clock of the services set back by an hour, and forward again',
  needs: 'clock',
  async happen(observatory) {
    const { fleet, feeder, clock } = observatory;
    await Promise.all(
      fleet.replicas().map(async (replica) => {
        await fleet.kill(replica);
        await fleet.startAgain(replica, clock.environment);
      }),
    );
    await feeder.more(WITH_EACH_CLOCK);
    await clock.set(-HOUR);
    await feeder.more(WITH_EACH_CLOCK);
    // Consumers that have joined again by now stay: kafkajs counts heartbeats by this clock.
    await delay(2 * SESSION_MS);
    const before = evictions(observatory);
    await delay(2 * SESSION_MS);
    expect(evictions(observatory)).toBe(before);
    await clock.set(0);
    await feeder.more(WITH_EACH_CLOCK);
    return { rounds: 1, note: 'Kafka and Redis keep their time' };
  },
};

/** How often a member has learnt that it was put out of its group. */
function evictions({ fleet }: Observatory): number {
  return fleet
    .replicas()
    .map((replica) => fleet.logOf(replica).match(/it joins again|UNKNOWN_MEMBER_ID/g)?.length ?? 0)
    .reduce((sum, count) => sum + count, 0);
}
