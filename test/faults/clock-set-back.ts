import type { Fault } from './observatory/fault.js';
import { scaled } from './observatory/scale.js';

const HOUR = 3_600;
const WITH_EACH_CLOCK = scaled(60, 10);

/** The wall clock of every service steps back an hour while it works, then forward again. */
export const clockSetBack: Fault = {
  name: 'clock of the services set back by an hour, and forward again',
  needs: 'clock',
  async happen(observatory) {
    const { fleet, feeder, clock } = observatory;
    for (const replica of fleet.replicas()) {
      await fleet.kill(replica);
      await fleet.startAgain(replica, clock.environment);
    }
    await feeder.more(WITH_EACH_CLOCK);
    await clock.set(-HOUR);
    await feeder.more(WITH_EACH_CLOCK);
    await clock.set(0);
    await feeder.more(WITH_EACH_CLOCK);
    return { rounds: 1, note: 'Kafka and Redis keep their time' };
  },
};
