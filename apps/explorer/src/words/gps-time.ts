/** Unix seconds of the moments at which UTC fell one more second behind GPS (IERS bulletin C). */
const leapsUnixSec = [
  362793600, 394329600, 425865600, 489024000, 567993600, 631152000, 662688000, 709948800, 741484800,
  773020800, 820454400, 867715200, 915148800, 1136073600, 1230768000, 1341100800, 1435708800,
  1483228800,
];
const GPS_EPOCH_UNIX_SEC = 315964800;

/** Whole GPS seconds of a moment given in Unix milliseconds. */
export function gpsSecOfUnixMs(unixMs: number): number {
  const unixSec = unixMs / 1000;
  let leaps = 0;
  for (const leap of leapsUnixSec) if (unixSec >= leap) leaps += 1;
  return Math.floor(unixSec - GPS_EPOCH_UNIX_SEC + leaps);
}

/** Unix milliseconds of a GPS time in nanoseconds. */
export function unixMsOfGpsNs(gpsNs: bigint): number {
  const gpsMs = Number(gpsNs / 1_000_000n);
  let leaps = 0;
  leapsUnixSec.forEach((leap, i) => {
    // The second that UTC repeats belongs to the time before the leap.
    if (gpsMs / 1000 + GPS_EPOCH_UNIX_SEC - (i + 1) >= leap) leaps = i + 1;
  });
  return gpsMs + (GPS_EPOCH_UNIX_SEC - leaps) * 1000;
}

/** "1 387 482 912.348": groups of three, milliseconds. */
export function gpsText(gpsNs: bigint): string {
  const sec = gpsNs / 1_000_000_000n;
  const ms = (gpsNs % 1_000_000_000n) / 1_000_000n;
  return `${sec.toString()}.${ms.toString().padStart(3, '0')}`;
}

/** "2023-12-25 19:54:54.348". */
export function utcText(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('T', ' ').replace('Z', '');
}

/** "17:03:22". */
export function utcClock(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(11, 19);
}

/** "just now", "40 s ago", "12 min ago", "3 h ago", "5 d ago". */
export function agoText(atMs: number, nowMs: number): string {
  const sec = Math.max(0, (nowMs - atMs) / 1000);
  if (sec < 5) return 'just now';
  if (sec < 60) return `${Math.floor(sec)} s ago`;
  if (sec < 3600) return `${Math.floor(sec / 60)} min ago`;
  if (sec < 48 * 3600) return `${Math.floor(sec / 3600)} h ago`;
  return `${Math.floor(sec / 86400)} d ago`;
}
