import { describe, expect, it, test } from 'vitest';
import { describeWithOwnKafka } from '../../brokers/describe-with-kafka.js';
import { redisServerVersion, reportNoRedis } from '../../brokers/redis.js';
import type { ServiceName } from './fleet.js';
import { Observatory, type ObservatoryOptions } from './observatory.js';
import { record } from './outcome.js';
import { isFull, scaled, seed } from './scale.js';

/** Megabytes that no replica may ever reach; the same for every fault. */
const MAX_RSS_MB: Readonly<Record<ServiceName, number>> = {
  ingest: 400,
  embedder: 600,
  clusterer: 600,
  gateway: 400,
};
const MB = 1_000_000;

export interface Fault {
  readonly name: string;
  readonly order: number;
  readonly options?: () => Promise<ObservatoryOptions>;
  /** Makes it happen while glitches come in, and brings everything back. */
  readonly happen: (observatory: Observatory) => Promise<{
    readonly rounds: number;
    readonly note?: string;
  }>;
  /** What must hold besides the promises that are audited after every fault. */
  readonly after?: (observatory: Observatory) => Promise<void>;
  /** Undecodable records that were put on the log on purpose. */
  readonly poison?: number;
  /** Frees what `options` made. */
  readonly dispose?: () => Promise<void>;
}

/** Declares one fault as one test, on an observatory of its own. To be awaited at the top of a file. */
export async function describeFault(fault: Fault): Promise<void> {
  if (redisServerVersion() === undefined) {
    reportNoRedis(fault.name, 'redis-server is not on the PATH');
    return;
  }
  await describeWithOwnKafka(fault.name, () => {
    describe(`${fault.name} (${isFull ? 'full' : 'shortened'}, seed ${seed})`, () => {
      it(
        'loses nothing, doubles nothing, and goes on',
        {
          timeout: scaled(1_800_000, 600_000),
        },
        () => run(fault),
      );
    });
  });
}

/** Says loudly that a fault was not made; in CI that is a failure. */
export function reportNotMade(name: string, reason: string): void {
  const report = process.env.CI === 'true' ? test : test.skip;
  report(`${name}: skipped: ${reason}`, () => expect.fail(reason));
}

async function run(fault: Fault): Promise<void> {
  const beganMs = performance.now();
  let observatory: Observatory | undefined;
  try {
    observatory = await Observatory.start(await fault.options?.());
    const { rounds, note } = await fault.happen(observatory);
    const settled = await observatory.settle();
    const { assignments, alerts, feeder, fleet, ledger } = observatory;
    const longestPauseSec = Math.round(assignments.longestPauseMs / 100) / 10;
    await fault.after?.(observatory);
    const exitCodes = await observatory.stopServices();
    const peakRssMb = Object.fromEntries(
      [...fleet.peakRss].map(([name, bytes]) => [name, Math.round(bytes / MB)]),
    );
    await record({
      fault: fault.name,
      order: fault.order,
      rounds,
      accepted: feeder.accepted.size,
      lost: settled.lost.length + settled.waiting.length,
      contradictions: settled.contradictions.length,
      repeats: settled.repeats,
      repeatsToSubscribers: assignments.repeats + alerts.repeats,
      alertRevisions: alerts.seen.size,
      resumptions: assignments.resumptions + alerts.resumptions,
      failedCalls: feeder.failedCalls,
      longestPauseSec,
      peakRssMb,
      wallSec: Math.round((performance.now() - beganMs) / 1_000),
      seed,
      note,
    });
    expect({
      ...settled,
      repeats: 0,
      refusals: feeder.refusals,
      endedByThemselves: fleet.endedByThemselves,
      undecodable: ledger.undecodable.length,
    }).toEqual({
      lost: [],
      waiting: [],
      contradictions: [],
      outOfOrder: [],
      repeats: 0,
      unseenAlerts: [],
      unseenAssignments: [],
      refusals: [],
      endedByThemselves: [],
      undecodable: fault.poison ?? 0,
    });
    expect(alerts.seen.size).toBeGreaterThan(0);
    for (const [name, mb] of Object.entries(peakRssMb))
      expect(mb, `MB of ${name}`).toBeLessThan(MAX_RSS_MB[name as ServiceName]);
    expect(new Set(Object.values(exitCodes)), JSON.stringify(exitCodes)).toEqual(new Set([0]));
  } catch (error) {
    const kept = await observatory?.keepLogs();
    process.stdout.write(`${fault.name}: what the services said is in ${kept}\n`);
    throw error;
  } finally {
    await observatory?.close();
    await fault.dispose?.();
  }
}
