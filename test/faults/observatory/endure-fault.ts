import { expect } from 'vitest';
import type { Fault } from './fault.js';
import type { ServiceName } from './fleet.js';
import type { Observatory } from './observatory.js';
import { record } from './outcome.js';
import { scaled, seed } from './scale.js';

/** Megabytes that no replica may ever reach; the same for every fault. */
const MAX_RSS_MB: Readonly<Record<ServiceName, number>> = {
  ingest: 400,
  embedder: 600,
  assign: 600,
  refit: 600,
  gateway: 400,
};
const MB = 1_000_000;

/** Makes the fault, waits until all has settled, and holds the promises against the log. */
export async function endureFault(
  fault: Fault,
  { observatory, order }: { readonly observatory: Observatory; readonly order: number },
): Promise<void> {
  const beganMs = performance.now();
  try {
    const before = countsOf(observatory);
    observatory.begin(fault.poison ?? 0);
    const { rounds, note } = await fault.happen(observatory);
    const settled = await observatory.settle();
    const { assignments, feeder, fleet, ledger } = observatory;
    const longestPauseSec = Math.round(assignments.longestPauseMs / 100) / 10;
    await fault.after?.(observatory);
    const peakRssMb = Object.fromEntries(
      [...fleet.peakRss].map(([name, bytes]) => [name, Math.round(bytes / MB)]),
    );
    await record({
      fault: fault.name,
      order,
      form: scaled('full', 'shortened'),
      rounds,
      lost: settled.lost.length + settled.waiting.length,
      contradictions: settled.contradictions.length,
      ...since(before, countsOf(observatory)),
      longestPauseSec,
      peakRssMb,
      wallSec: Math.round((performance.now() - beganMs) / 1_000),
      seed,
      note,
    });
    expect({
      ...settled,
      refusals: feeder.refusals,
      endedByThemselves: fleet.endedByThemselves,
      undecodable: ledger.undecodable.length,
    }).toEqual({
      lost: [],
      waiting: [],
      contradictions: [],
      outOfOrder: [],
      unseenAlerts: [],
      unseenAssignments: [],
      refusals: [],
      endedByThemselves: [],
      undecodable: observatory.poison,
    });
    for (const [name, mb] of Object.entries(peakRssMb))
      expect(mb, `MB of ${name}`).toBeLessThan(MAX_RSS_MB[name as ServiceName]);
  } catch (error) {
    process.stdout.write(`${fault.name}: what was said is in ${await observatory.keepLogs()}\n`);
    throw error;
  }
}

/** Since the observatory was opened. */
function countsOf({ feeder, alerts, assignments, ledger }: Observatory) {
  return {
    accepted: feeder.accepted.size,
    failedCalls: feeder.failedCalls,
    repeats: ledger.repeats,
    repeatsToSubscribers: assignments.repeats + alerts.repeats,
    alertRevisions: alerts.seen.size,
    resumptions: assignments.resumptions + alerts.resumptions,
  };
}

type Counts = ReturnType<typeof countsOf>;

/** This fault's share, where others came before it on the same observatory. */
function since(before: Counts, after: Counts): Counts {
  const share = { ...after };
  for (const name of Object.keys(share) as (keyof Counts)[]) share[name] -= before[name];
  return share;
}
