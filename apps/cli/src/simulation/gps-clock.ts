/** GPS is ahead of UTC by the leap seconds since 1980-01-06; 18 since 2017. */
const leapSeconds = 18n;
const gpsEpochMs = 315_964_800_000n;

/** GPS time in nanoseconds of a moment given in milliseconds since the Unix epoch. */
export function gpsNsOfUnixMs(unixMs: number): bigint {
  return (BigInt(Math.round(unixMs)) - gpsEpochMs + leapSeconds * 1000n) * 1_000_000n;
}
