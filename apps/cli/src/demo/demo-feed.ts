import { setTimeout as delay } from 'node:timers/promises';
import type { Glitch } from '@glitchwatch/proto';
import type { Logger } from '@glitchwatch/service-kit';
import { demoClasses } from '@glitchwatch/simulator';
import { gpsNsOfUnixMs } from '../simulation/gps-clock.js';
import { openSimulationThread, type SimulationThread } from '../simulation/simulation-thread.js';
import { toGlitch } from '../simulation/to-glitch.js';
import { type DemoScript, noveltyOfRun } from './demo-script.js';

export interface DemoFeedOptions {
  readonly script: DemoScript;
  /** How many demos this data folder has had. */
  readonly run: number;
  readonly seed: number;
  /** Glitches that the log holds already. */
  readonly known: number;
  readonly submit: (glitches: readonly Glitch[]) => Promise<unknown>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const burstBatch = 10;

/** The opening night: as many as the script says, spread over the twelve hours before now. */
async function feedInitial(
  threads: readonly SimulationThread[],
  { script, known, submit, signal }: DemoFeedOptions,
): Promise<void> {
  const missing = Math.max(0, script.initialGlitches - known);
  const stepMs = (12 * 3_600_000) / script.initialGlitches;
  const startMs = Date.now() - missing * stepMs;
  let next = 0;
  const work = async (thread: SimulationThread) => {
    while (next < missing && !signal.aborted) {
      const first = next;
      next = Math.min(missing, next + burstBatch);
      const classNames = Array.from(
        { length: next - first },
        (_, i) => demoClasses[(first + i) % demoClasses.length],
      );
      const simulated = await thread.draw(classNames);
      await submit(
        simulated.map((glitch, i) =>
          toGlitch(glitch, gpsNsOfUnixMs(startMs + (first + i) * stepMs)),
        ),
      );
    }
  };
  await Promise.all(threads.map(work));
}

/** One glitch at a time at the script's rate; after a while every few are of a new kind. */
async function feedLive(thread: SimulationThread, options: DemoFeedOptions): Promise<void> {
  const { script, run, submit, signal, logger } = options;
  const novelty = noveltyOfRun(run);
  const pauseMs = 1000 / script.livePerSec;
  const startMs = Date.now();
  let announced = false;
  for (let count = 0; !signal.aborted; count += 1) {
    const elapsedSec = (Date.now() - startMs) / 1000;
    const isNovel = elapsedSec >= script.noveltyStartSec && count % script.noveltyOneIn === 0;
    if (isNovel && !announced) {
      announced = true;
      logger.info({ morphology: novelty }, 'demo: a morphology not seen before begins');
    }
    const className = isNovel ? novelty : demoClasses[count % demoClasses.length];
    const [simulated] = await thread.draw([className]);
    if (simulated) await submit([toGlitch(simulated, gpsNsOfUnixMs(Date.now()))]);
    await delay(pauseMs, undefined, { signal });
  }
}

/** Feeds simulated glitches until the signal aborts. */
export async function runDemoFeed(options: DemoFeedOptions): Promise<void> {
  const threads = [0, 1].map((i) => openSimulationThread(options.seed + 2 * options.run + i));
  try {
    await feedInitial(threads, options);
    const [first, second] = threads;
    await second?.close();
    if (first) await feedLive(first, options);
  } catch (error) {
    // The pause ends by an AbortError when the demo is stopped.
    if (!options.signal.aborted) throw error;
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}
