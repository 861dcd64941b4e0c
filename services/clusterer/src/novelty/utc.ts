/** Unix time of 1980-01-06T00:00:00 UTC, where GPS time begins. */
const GPS_EPOCH_UNIX_SEC = 315_964_800;

/** UTC days from which on GPS is that many seconds ahead (IERS Bulletin C). */
const leapSeconds: readonly (readonly [utc: string, ahead: number])[] = [
  ['2017-01-01', 18],
  ['2015-07-01', 17],
  ['2012-07-01', 16],
  ['2009-01-01', 15],
  ['2006-01-01', 14],
  ['1999-01-01', 13],
];

/** Milliseconds since the Unix epoch; before 1999 up to 13 s late, which no sentence shows. */
export function gpsNsToUnixMs(gpsNs: bigint): number {
  const withoutLeapMs = Number(gpsNs / 1_000_000n) + GPS_EPOCH_UNIX_SEC * 1_000;
  for (const [utc, ahead] of leapSeconds) {
    const unixMs = withoutLeapMs - ahead * 1_000;
    if (unixMs >= Date.parse(utc)) return unixMs;
  }
  return withoutLeapMs - 13_000;
}

/** "03:12 UTC" on the day of `nowMs`, else "2017-01-05 03:12 UTC". */
export function clockTime(unixMs: number, nowMs: number): string {
  const iso = new Date(unixMs).toISOString();
  const time = `${iso.slice(11, 16)} UTC`;
  return iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
    ? time
    : `${iso.slice(0, 10)} ${time}`;
}
