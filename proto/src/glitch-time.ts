import type { Trigger } from '../gen/glitchwatch/v1/glitch.js';

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

/** Milliseconds since the Unix epoch; before 1999 up to 13 s late. */
export function gpsNsToUnixMs(gpsNs: bigint): number {
  const withoutLeapMs = Number(gpsNs / 1_000_000n) + GPS_EPOCH_UNIX_SEC * 1_000;
  for (const [utc, ahead] of leapSeconds) {
    const unixMs = withoutLeapMs - ahead * 1_000;
    if (unixMs >= Date.parse(utc)) return unixMs;
  }
  return withoutLeapMs - 13_000;
}

/**
 * When a glitch happened, in milliseconds since the Unix epoch: at its peak, however
 * late it came; at its ingestion where the trigger tells no time.
 */
export function occurredAtMs(
  trigger: Pick<Trigger, 'peakGpsNs'> | undefined,
  ingestedAtMs: number,
): number {
  return trigger?.peakGpsNs === undefined ? ingestedAtMs : gpsNsToUnixMs(trigger.peakGpsNs);
}
