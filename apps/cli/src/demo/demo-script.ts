import { demoClasses, noveltyClass, simulatorClasses } from '@glitchwatch/simulator';

/** What the demo shows and when; seconds count from the start of the feed. */
export interface DemoScript {
  /** Glitches handed in at once, so that the first map stands soon. */
  readonly initialGlitches: number;
  readonly livePerSec: number;
  /** When the new morphology begins. */
  readonly noveltyStartSec: number;
  /** One of so many live glitches is of the new kind from then on. */
  readonly noveltyOneIn: number;
}

export const defaultScript: DemoScript = {
  initialGlitches: 400,
  livePerSec: 1.5,
  noveltyStartSec: 40,
  noveltyOneIn: 3,
};

/** Kinds without a shape of their own make no convincing news. */
const shapeless = new Set(['No_Glitch', 'None_of_the_Above', 'Light_Modulation']);

/** The new morphology of the n-th demo on one data folder: never one it has seen. */
export function noveltyOfRun(run: number): string {
  const known = new Set<string>(demoClasses);
  const unseen = simulatorClasses.filter(
    (name) => !known.has(name) && !shapeless.has(name) && name !== noveltyClass,
  );
  const order = [noveltyClass, ...unseen];
  return order[run % order.length] ?? noveltyClass;
}
