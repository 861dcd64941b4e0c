/** How strict a kind of alert is at present; plain data. */
export interface AlarmThreshold {
  /** Decades by which evidence must be stronger than its own count of false alarms says. */
  readonly strictness: number;
  readonly atMs: number;
}

/**
 * An alert makes its kind so much stricter, and time takes it back at the rate that
 * leaves just the wanted alerts a day: adaptive conformal inference (Gibbs and Candes,
 * NeurIPS 2021) on the logarithm of the threshold. Whatever the counts of false alarms
 * are worth, in the long run a quiet population raises as many alerts as are wanted: in a
 * month of 9 wanted, counts that are wrong by a factor of 10 make 4 more or less of them.
 */
const STEP = 0.25;
/** A long silence makes nothing hypersensitive, a hundred alerts at once make nothing deaf. */
const LEAST = -1.5;
const MOST = 4;
/** No limit is further above what is wanted. */
export const MOST_LENIENT = 10 ** -LEAST;
const DAY_MS = 86_400_000;

export function newThreshold(atMs: number): AlarmThreshold {
  return { strictness: 0, atMs };
}

/**
 * Largest count of false alarms a day at which an alert is raised; at most what is
 * wanted times 10^1.5, and falling with every alert.
 */
export function alarmLimit(
  threshold: AlarmThreshold | undefined,
  wantedPerDay: number,
  nowMs: number,
): number {
  const { strictness } = relaxed(threshold ?? newThreshold(nowMs), wantedPerDay, nowMs);
  return wantedPerDay * 10 ** -strictness;
}

export function afterAlarm(
  threshold: AlarmThreshold | undefined,
  wantedPerDay: number,
  nowMs: number,
): AlarmThreshold {
  const { strictness, atMs } = relaxed(threshold ?? newThreshold(nowMs), wantedPerDay, nowMs);
  return { strictness: Math.min(MOST, strictness + STEP), atMs };
}

/** Time does not run backwards here: what comes late is judged by what is known by then. */
function relaxed(
  { strictness, atMs }: AlarmThreshold,
  wantedPerDay: number,
  nowMs: number,
): AlarmThreshold {
  const days = Math.max(0, nowMs - atMs) / DAY_MS;
  return {
    strictness: Math.max(LEAST, strictness - STEP * wantedPerDay * days),
    atMs: Math.max(atMs, nowMs),
  };
}
