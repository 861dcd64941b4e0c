import { setTimeout as delay } from 'node:timers/promises';
import { createRng } from '@glitchwatch/numerics';
import type { Glitch } from '@glitchwatch/proto';
import { type FedTimes, type Feed, type PoissonFeed, sharedClockMs } from './stage-protocol.js';

const submitTogether = 256;
const submitsInFlight = 2;

export interface FeedTarget {
  /** Resolves when all are durable. */
  submit(glitches: readonly Glitch[]): Promise<void>;
  glitch(index: number): Glitch;
  readonly signal: AbortSignal;
}

/** Moments of a Poisson process in ms from its start, drawn before anything is fed. */
export function poissonArrivals({ count, ratePerSec, seed }: PoissonFeed): Float64Array {
  const rng = createRng(seed);
  let atMs = 0;
  return Float64Array.from({ length: count }, () => {
    atMs += (-1000 * Math.log(1 - rng.nextFloat())) / ratePerSec;
    return atMs;
  });
}

/** Feeds, and resolves when all has been taken. */
export async function feedLoad(feed: Feed, target: FeedTarget): Promise<FedTimes> {
  const times = {
    arrivalMs: new Float64Array(feed.count),
    acceptedMs: new Float64Array(feed.count),
  };
  if (feed.kind === 'burst') await feedBurst(feed.first, times, target);
  else await feedOnTime(feed, times, target);
  return times;
}

async function feedBurst(first: number, times: FedTimes, target: FeedTarget): Promise<void> {
  const count = times.arrivalMs.length;
  times.arrivalMs.fill(sharedClockMs());
  let next = 0;
  const submitOn = async (): Promise<void> => {
    while (next < count && !target.signal.aborted) {
      const from = next;
      next = Math.min(count, from + submitTogether);
      const to = next;
      await target.submit(
        Array.from({ length: to - from }, (_, i) => target.glitch(first + from + i)),
      );
      times.acceptedMs.fill(sharedClockMs(), from, to);
    }
  };
  await Promise.all(Array.from({ length: submitsInFlight }, submitOn));
}

/** Nobody waits for an answer here, so a slow pipeline does not slow the arrivals down. */
async function feedOnTime(feed: PoissonFeed, times: FedTimes, target: FeedTarget): Promise<void> {
  const arrivals = poissonArrivals(feed);
  const startMs = sharedClockMs();
  const submits: Promise<void>[] = [];
  for (let i = 0; i < feed.count && !target.signal.aborted; i++) {
    const dueMs = startMs + arrivals[i]!;
    // A timer may fire a fraction of a millisecond early, and nothing is handed in before it is due.
    for (let waitMs = dueMs - sharedClockMs(); waitMs > 0; waitMs = dueMs - sharedClockMs()) {
      await delay(waitMs, undefined, { signal: target.signal });
    }
    // When it was due, not when a busy process came to it: its delay counts.
    times.arrivalMs[i] = dueMs;
    const submit = target.submit([target.glitch(feed.first + i)]).then(() => {
      times.acceptedMs[i] = sharedClockMs();
    });
    submit.catch(() => undefined); // told by Promise.all below
    submits.push(submit);
  }
  await Promise.all(submits);
}
