import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../fixtures/wait-for.js';
import type { Fault } from './observatory/fault.js';
import type { Observatory } from './observatory/observatory.js';
import { scaled } from './observatory/scale.js';

const FULL_MS = scaled(20_000, 4_000);

/** Kafka gives up its only log folder when that is full, and ends; its supervisor cannot bring it back before there is room. */
export const brokerDiskFull: Fault = {
  name: 'disk full at the broker, then room again',
  needs: 'small-disk',
  async happen(observatory) {
    const { kafka, feeder } = observatory;
    observatory.fillDisk();
    await waitFor('the broker to give up', () => (kafka.isRunning() ? undefined : true), {
      deadlineMs: 120_000,
    });
    await delay(FULL_MS);
    observatory.clearDisk();
    await kafka.restart();
    await feeder.more(scaled(40, 8));
    return { rounds: 1, note: 'the broker ended by itself; started again when there was room' };
  },
  after: noneIsOut,
};

async function noneIsOut({ fleet }: Observatory): Promise<void> {
  for (const { service, opsPort } of fleet.replicas())
    await waitFor(`${service} to be ready`, async () =>
      (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok ? true : undefined,
    );
}
