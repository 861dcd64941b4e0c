import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ActiveModel } from '@glitchwatch/clusterer';
import { type Glitches, idOf, vectorOf } from './placing.js';

/** As many glitches as a burst of all detectors brings. */
const PACE_MS = 5;

/**
 * One glitch every few milliseconds, asked for by another thread as messages of a broker
 * come in: the placing thread sleeps between them. Milliseconds of each from when it was
 * sent, so waiting counts; glitches go on being sent while one waits.
 *
 * Ends after `count`, or where `signal` aborts.
 */
export async function placePaced(
  model: ActiveModel,
  glitches: Glitches,
  count: number,
  signal: AbortSignal,
): Promise<number[]> {
  const ms: number[] = [];
  const pacer = new Worker(new URL('../bench/pacer-worker.js', import.meta.url), {
    workerData: PACE_MS,
  });
  const ended = once(pacer, 'exit');
  const end = () => void pacer.terminate();
  signal.addEventListener('abort', end, { once: true });
  pacer.on('message', (sentNs: bigint) => {
    if (ms.length === count) return;
    const row = glitches.from + (ms.length % (glitches.to - glitches.from));
    model.place(idOf(row), vectorOf(glitches, row));
    ms.push(Number(process.hrtime.bigint() - sentNs) / 1e6);
    if (ms.length === count) end();
  });
  if (signal.aborted) end();
  await ended;
  signal.removeEventListener('abort', end);
  return ms;
}
