import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { availableParallelism, constants, getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { defaultThreads } from '@glitchwatch/numerics';

/** Threads of a fit beside live work, which one core is left to. */
export function fitThreads(): number {
  return Math.max(1, Math.min(defaultThreads(), availableParallelism() - 1));
}

const THREAD_SELF = '/proc/thread-self';
const THREADS = '/proc/self/task';
const LOW = constants.priority.PRIORITY_BELOW_NORMAL;

/**
 * Makes the calling worker thread, and threads it starts from now on, give way to live
 * work: on a machine whose cores are all busy a placement else waits for a turn behind
 * the fit. Linux alone gives threads priorities of their own; elsewhere nothing changes.
 */
export function giveWayToLiveWork(): void {
  if (!existsSync(THREAD_SELF)) return;
  // "PID/task/TID"; file calls of a thread are made by that very thread.
  const threadId = Number(readlinkSync(THREAD_SELF).split('/').at(-1));
  lower(threadId);
}

/**
 * Makes the threads that V8 has of its own give way as well: they compile and collect for
 * the fit at the priority of live work, four at a time. A fit's collections of young
 * objects, hundreds of them, no longer wake them at all. For the first line of a process
 * whose main thread places glitches: threads that it starts later stay as they are.
 */
export function runtimeGivesWayToLiveWork(): void {
  setFlagsFromString('--no-parallel-scavenge');
  if (!existsSync(THREADS)) return;
  for (const name of readdirSync(THREADS)) {
    if (Number(name) !== process.pid) lower(Number(name));
  }
}

/** Never raises one that is lower already: only root may do that. */
function lower(threadId: number): void {
  if (getPriority(threadId) < LOW) setPriority(threadId, LOW);
}
