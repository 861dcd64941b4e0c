/** "03:12 UTC" on the day of `nowMs`, else "2017-01-05 03:12 UTC". */
export function clockTime(unixMs: number, nowMs: number): string {
  const iso = new Date(unixMs).toISOString();
  const time = `${iso.slice(11, 16)} UTC`;
  return iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
    ? time
    : `${iso.slice(0, 10)} ${time}`;
}
