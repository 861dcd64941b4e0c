import { describe, expect, it } from 'vitest';
import { KNOWN_EVENTS, knownEventAt } from './known-events.js';

const gps = (sec: number): bigint => BigInt(Math.round(sec * 10)) * 100_000_000n;

describe('KNOWN_EVENTS', () => {
  it('has every event once, in the runs of the detectors', () => {
    expect(new Set(KNOWN_EVENTS.map(({ name }) => name)).size).toBe(KNOWN_EVENTS.length);
    for (const { gpsNs } of KNOWN_EVENTS) {
      expect(gpsNs).toBeGreaterThan(gps(1_126_000_000));
      expect(gpsNs).toBeLessThan(gps(1_400_000_000));
    }
  });

  it.each([
    // GPS times as published, beside the names from which ours come.
    ['GW190412_053044', 1239082262.2],
    ['GW190521_030229', 1242442967.4],
    ['GW190814_211039', 1249852257.0],
    ['GW200105_162426', 1262276684.0],
    ['GW200115_042309', 1263097407.7],
    ['GW230529_181500', 1369419318.7],
  ])('tells the time of %s from its name', (name, sec) => {
    expect(knownEventAt(gps(sec), KNOWN_EVENTS)?.name).toBe(name);
  });

  it('reaches a second to both sides', () => {
    const name = (sec: number) => knownEventAt(gps(sec), KNOWN_EVENTS)?.name;
    expect([1126259461.3, 1126259461.5, 1126259463.4, 1126259463.5].map(name)).toEqual([
      undefined,
      'GW150914',
      'GW150914',
      undefined,
    ]);
  });
});
