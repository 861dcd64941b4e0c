import { describe, expect, it } from 'vitest';
import { agoText, gpsSecOfUnixMs, gpsText, unixMsOfGpsNs, utcText } from './gps-time.js';

describe('GPS time', () => {
  it.each([
    // GW150914, and the seconds around the leap second at the end of 2016.
    [1126259462n, '2015-09-14T09:50:45Z'],
    [1167264016n, '2016-12-31T23:59:59Z'],
    [1167264018n, '2017-01-01T00:00:00Z'],
    [0n, '1980-01-06T00:00:00Z'],
  ])('GPS %s s is %s', (gpsSec, utc) => {
    const unixMs = Date.parse(utc);
    expect(unixMsOfGpsNs(gpsSec * 1_000_000_000n)).toBe(unixMs);
    expect(gpsSecOfUnixMs(unixMs)).toBe(Number(gpsSec));
  });

  it('is written to the millisecond', () => {
    expect(gpsText(1126259462_391_000_000n)).toBe('1126259462.391');
    expect(utcText(unixMsOfGpsNs(1126259462_391_000_000n))).toBe('2015-09-14 09:50:45.391');
  });
});

describe('agoText', () => {
  it.each([
    [0, 'just now'],
    [-5_000, 'just now'],
    [42_000, '42 s ago'],
    [12 * 60_000, '12 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [72 * 3_600_000, '3 d ago'],
  ])('%d ms', (ms, text) => {
    expect(agoText(1e12 - ms, 1e12)).toBe(text);
  });
});
