import type { Glitch } from '@glitchwatch/proto';
import { demoClasses, shiftedGlitch } from '@glitchwatch/simulator';
import { openSimulationThread } from '../simulation/simulation-thread.js';
import { toGlitch } from '../simulation/to-glitch.js';

const bases = 200;
const firstGpsNs = 1_400_000_000_000_000_000n;

/** Distinct glitches of the demo's kinds: 200 simulated, the rest these moved by a few columns. */
export async function supplyGlitches(count: number, seed: number): Promise<Glitch[]> {
  const thread = openSimulationThread(seed);
  try {
    const classNames = Array.from(
      { length: Math.min(bases, count) },
      (_, i) => demoClasses[i % demoClasses.length],
    );
    const simulated = await thread.draw(classNames);
    return Array.from({ length: count }, (_, index) => {
      const base = simulated[index % simulated.length];
      if (!base) throw new Error('the simulator gave no glitch');
      const turn = Math.floor(index / simulated.length);
      const columns = turn % 2 === 0 ? turn / 2 : -(turn + 1) / 2;
      return toGlitch(shiftedGlitch(base, columns), firstGpsNs + BigInt(index) * 1_000_000_000n);
    });
  } finally {
    await thread.close();
  }
}
