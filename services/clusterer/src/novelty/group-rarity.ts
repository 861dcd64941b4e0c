import { predictedTail } from '@glitchwatch/numerics';
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
 * to 0.18 of the probability 1/(known + 1) (24 simulated kinds, 45 and 65 of each in the
 * reference). Jeffreys' prior says half of it.
 */
const LOCAL_SHARE = 0.2 / 0.5;

/**
 * Chances that hang together themselves: measured, groups of three and more held-out glitches
 * come as often as a quarter of the candidates would give (the same kinds, 80 of each in the
 * reference, at 1,440 to 86,400 glitches a day).
 */
const CHANCES = 0.25;

/**
 * How often a day chance alone puts as many glitches together as quickly.
 *
 * Where a group hangs together there is no member of any family, of `known` of them. So
 * a glitch of the known population falls there with a probability below 1/(known + 1)
 * (rule of succession; see LOCAL_SHARE); how far below is uncertain, so that the number that
 * does so while n glitches come is a negative binomial one. Members from the reference, where
 * no family took them, tell how often the place was visited before. The rarest of the counts
 * "the last j live members, during as many glitches as came since the oldest of them" speaks
 * for the group; the chances for it are the glitches that are no ordinary members of a
 * family, `candidateShare` of all (see CHANCES).
 */
export function groupFalseAlarmsPerDay(
  members: readonly Pick<NovelGlitch, 'arrival'>[],
  { count, perDay, known }: Arrivals,
  candidateShare: number,
): number {
  const live = members.map(({ arrival }) => arrival).filter((arrival) => arrival >= 0);
  const before = members.length - live.length;
  const history = { events: before, time: (known + 1) / (before > 0 ? 1 : LOCAL_SHARE) };
  let least = 1;
  for (const [others, arrival] of live.sort((a, b) => b - a).entries()) {
    const came = Math.max(others, count - arrival);
    if (others > 0) least = Math.min(least, predictedTail(others, history, came));
  }
  return perDay * candidateShare * CHANCES * least;
}
