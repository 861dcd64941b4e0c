import { badNetwork } from './bad-network.js';
import { brokerAway } from './broker-away.js';
import { brokerDiskFull } from './broker-disk-full.js';
import { clockSetBack } from './clock-set-back.js';
import { killBroker } from './kill-broker.js';
import { killServices } from './kill-services.js';
import { loseRedis } from './lose-redis.js';
import type { Fault } from './observatory/fault.js';
import { poison } from './poison.js';
import { repeatsAndDisorder } from './repeats-and-disorder.js';
import { stoppedSubscriber } from './stopped-subscriber.js';

/** In the order of the table in docs/reliability.md. */
export const allFaults: readonly Fault[] = [
  killBroker,
  brokerAway,
  loseRedis,
  badNetwork,
  brokerDiskFull,
  poison,
  clockSetBack,
  repeatsAndDisorder,
  stoppedSubscriber,
  killServices,
];
