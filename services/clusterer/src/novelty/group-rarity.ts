import { poissonTail } from '@glitchwatch/numerics';
import type { NovelGlitch } from './novel-glitch.js';

/** What came so far, and what it is held against. */
export interface Arrivals {
  /** Live glitches up to now. */
  readonly count: number;
  readonly perDay: number;
  /** Members of families in the model: none of them lies where a group does. */
  readonly known: number;
}

/**
 * Measured: two held-out glitches of known kinds hang together, to found a group, with 0.08
 * to 0.18 of that probability (24 simulated kinds, 45 and 65 of each in the reference).
 */
const LOCAL_SHARE = 0.2;

/**
 * How often a day chance alone puts as many glitches together as quickly.
 *
 * Where a group hangs together there is no member of any family, of `known` of them. So
 * a glitch of the known population falls there with a probability below 1/(known + 1)
 * (rule of succession; see LOCAL_SHARE), and the number that does so while n glitches come is a Poisson
 * number. The rarest of the counts "the last j members, during as many glitches as came
 * since the oldest of them" speaks for the group; every glitch that is no ordinary
 * member of a family, `candidateShare` of all, is one chance for it.
 */
export function groupFalseAlarmsPerDay(
  members: readonly Pick<NovelGlitch, 'arrival'>[],
  { count, perDay, known }: Arrivals,
  candidateShare: number,
): number {
  const latestFirst = members.map(({ arrival }) => arrival).sort((a, b) => b - a);
  let least = 1;
  for (const [others, arrival] of latestFirst.entries()) {
    const came = Math.max(others, count - arrival);
    least = Math.min(least, poissonTail(others, (LOCAL_SHARE * came) / (known + 1)));
  }
  return perDay * candidateShare * least;
}
