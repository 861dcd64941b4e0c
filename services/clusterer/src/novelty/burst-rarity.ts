import { predictedTail, type RateHistory } from '@glitchwatch/numerics';

const DAY_MS = 86_400_000;
/** Counts looked at above the usual one. */
const MAX_STEPS = 10_000;

/**
 * How often a day chance fills a window that moves along with `count` glitches or more: it
 * does so when one comes while `count` - 1 are in it, and those moments come in clumps, of
 * which one counts (Alm, Scandinavian Journal of Statistics 10, 239, 1983). As many at a
 * moment by a history that tells the rate only roughly: negative binomial.
 *
 * @param history Times in milliseconds.
 */
export function clumpsPerDay(count: number, history: RateHistory, windowMs: number): number {
  const perDay = (history.events * DAY_MS) / history.time;
  const mean = (history.events * windowMs) / history.time;
  // Nearer to the usual count nothing comes in clumps: every other window has as many.
  if (count <= mean + 2 * Math.sqrt(mean)) return DAY_MS / windowMs;
  const just =
    predictedTail(count - 1, history, windowMs) - predictedTail(count, history, windowMs);
  // No rarer than once in the history where nothing came in it.
  const arrivals = Math.max(perDay, DAY_MS / history.time);
  return (1 - mean / count) * arrivals * just;
}

/** The same for the smallest count, `least` or more, that comes no more often than `perDay`. */
export function rarestClumpsPerDay(
  perDay: number,
  {
    history,
    windowMs,
    least,
  }: {
    readonly history: RateHistory;
    readonly windowMs: number;
    readonly least: number;
  },
): number {
  const mean = (history.events * windowMs) / history.time;
  const from = Math.max(least, Math.floor(mean) + 1);
  for (let count = from; count < from + MAX_STEPS; count++) {
    const rate = clumpsPerDay(count, history, windowMs);
    if (rate <= perDay) return rate;
  }
  return 0;
}
