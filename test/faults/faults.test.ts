import { afterAll, describe, expect, it, test } from 'vitest';
import { describeWithOwnKafka } from '../brokers/describe-with-kafka.js';
import { redisServerVersion, reportNoRedis } from '../brokers/redis.js';
import { whyNoSmallDisk } from '../fixtures/small-disk.js';
import { allFaults } from './all-faults.js';
import { whyNoClock } from './observatory/clock.js';
import { endureFault } from './observatory/endure-fault.js';
import type { Fault, Need } from './observatory/fault.js';
import { whyNoNetwork } from './observatory/network.js';
import { Observatory } from './observatory/observatory.js';
import { isFull, scaled, seed } from './observatory/scale.js';

const name = `faults (${isFull ? 'full' : 'shortened'}, seed ${seed})`;

if (redisServerVersion() === undefined) reportNoRedis(name, 'redis-server is not on the PATH');
else await describeWithOwnKafka(name, await declareFaults());

async function declareFaults(): Promise<() => void> {
  const missing: Readonly<Record<Need, string | undefined>> = {
    network: await whyNoNetwork(),
    'small-disk': await whyNoSmallDisk(),
    clock: whyNoClock(),
  };
  return () =>
    describe(name, () => {
      // One observatory for all, as for a night on which everything happens; a new one after a failure.
      let shared: Observatory | undefined;
      afterAll(() => shared?.close());

      for (const [index, fault] of allFaults.entries()) {
        const reason = fault.needs && missing[fault.needs];
        if (reason !== undefined) reportNotMade(fault, reason);
        else
          it(`${fault.name}: loses nothing, doubles nothing, goes on`, {
            timeout: scaled(2_400_000, 400_000),
          }, async () => {
            shared ??= await Observatory.start({
              hasNetwork: missing.network === undefined,
              hasSmallDisk: missing['small-disk'] === undefined,
            });
            const observatory = shared;
            let isSound = false;
            try {
              await endureFault(fault, { observatory, order: index + 1 });
              isSound = true;
            } finally {
              if (!isSound) {
                shared = undefined;
                await observatory.close();
              }
            }
          });
      }

      it('SIGTERM then stops each service cleanly', { timeout: 120_000 }, async () => {
        shared ??= await Observatory.start({ hasNetwork: false, hasSmallDisk: false });
        const exitCodes = await shared.stopServices();
        expect(new Set(Object.values(exitCodes)), JSON.stringify(exitCodes)).toEqual(new Set([0]));
      });
    });
}

/** Loudly; in CI a fault that cannot be made is a failure. */
function reportNotMade(fault: Fault, reason: string): void {
  const report = process.env.CI === 'true' ? test : test.skip;
  report(`${fault.name}: NOT MADE: ${reason}`, () => expect.fail(reason));
}
