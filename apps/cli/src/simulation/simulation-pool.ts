import type { SimulatedGlitch } from '@glitchwatch/simulator';
import type { SimulationPlan } from './protocol.js';
import { openSimulationThread } from './simulation-thread.js';

const chunk = 8;

export interface SimulationPool {
  /**
   * The planned glitches in the order of the plans. Each thread works on one
   * chunk ahead at most, so a slow reader bounds what is held.
   */
  draw<P extends SimulationPlan>(
    plans: Iterator<P>,
  ): AsyncGenerator<{ readonly plan: P; readonly glitch: SimulatedGlitch }>;
  close(): Promise<void>;
}

/** The same glitches whatever the number of threads: a glitch depends on the seed and its plan. */
export function openSimulationPool(seed: number, threads: number): SimulationPool {
  const pool = Array.from({ length: threads }, () => openSimulationThread(seed));
  return {
    async *draw<P extends SimulationPlan>(plans: Iterator<P>) {
      const take = () => {
        const taken: P[] = [];
        while (taken.length < chunk) {
          const { value, done } = plans.next();
          if (done) break;
          taken.push(value);
        }
        return taken;
      };
      const start = (thread: (typeof pool)[number]) => {
        const taken = take();
        if (taken.length === 0) return undefined;
        const glitches = thread.drawPlanned(taken);
        // Awaited below; a failure before that must not count as unhandled.
        glitches.catch(() => undefined);
        return { thread, taken, glitches };
      };
      const waiting = pool.map(start).filter((job) => job !== undefined);
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        const glitches = await job.glitches;
        const next = start(job.thread);
        if (next) waiting.push(next);
        for (const [i, glitch] of glitches.entries()) {
          const plan = job.taken[i];
          if (plan) yield { plan, glitch };
        }
      }
    },
    async close() {
      await Promise.all(pool.map((thread) => thread.close()));
    },
  };
}
