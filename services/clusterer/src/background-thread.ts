import { existsSync, readlinkSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { defaultThreads } from '@glitchwatch/numerics';

/** Threads of a fit beside live work, which one core is left to. */
export function fitThreads(): number {
  return Math.max(1, Math.min(defaultThreads(), availableParallelism() - 1));
}

const THREAD_SELF = '/proc/thread-self';

/**
 * Makes the calling worker thread, and threads it starts from now on, give way to live
 * work: on a machine whose cores are all busy a placement else waits for a turn behind
 * the fit. Linux alone gives threads priorities of their own; elsewhere nothing changes.
 */
export function giveWayToLiveWork(): void {
  if (!existsSync(THREAD_SELF)) return;
  // "PID/task/TID"; file calls of a thread are made by that very thread.
  const threadId = Number(readlinkSync(THREAD_SELF).split('/').at(-1));
  setPriority(threadId, constants.priority.PRIORITY_BELOW_NORMAL);
}
