import { burstWindowsMs, type RateExcess } from './live-tally.js';

const DAY_MS = 86_400_000;
/** Windows end at every glitch and so overlap: so many of them a length count as one chance each. */
const OVERLAP = 3;

/** How often a day chance gives any family an excess as rare as this one, in any window. */
export function burstFalseAlarmsPerDay(
  { pValue, windowMs }: Pick<RateExcess, 'pValue' | 'windowMs'>,
  families: number,
): number {
  return (pValue * families * burstWindowsMs.length * OVERLAP * DAY_MS) / windowMs;
}
