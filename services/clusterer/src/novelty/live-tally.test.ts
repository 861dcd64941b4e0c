import { createRng } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { LiveTally } from './live-tally.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `perHour` of family 1 for so many hours, evenly. */
function steady(tally: LiveTally, perHour: number, hours: number): void {
  for (let n = 0; n < perHour * hours; n++)
    tally.take({ glitchId: `s${n}`, familyId: 1, atMs: (n * HOUR_MS) / perHour });
}

describe('LiveTally', () => {
  it('counts a glitch once, and tells the rate of the last day', () => {
    const tally = new LiveTally();
    expect(tally.take({ glitchId: 'a', familyId: -1, atMs: 0 })).toBe(true);
    expect(tally.take({ glitchId: 'a', familyId: 1, atMs: 5 })).toBe(false);
    expect(tally.count).toBe(1);
    // Of less than an hour nothing is extrapolated.
    expect(tally.perDay).toBe(24);
    steady(tally, 60, 48);
    expect(tally.perDay / (60 * 24)).toBeGreaterThan(0.95);
    expect(tally.perDay / (60 * 24)).toBeLessThan(1.05);
  });

  it('finds no excess in a steady family, nor in one without a history', () => {
    const tally = new LiveTally();
    for (let n = 0; n < 30; n++) {
      tally.take({ glitchId: `b${n}`, familyId: 1, atMs: n });
      expect(tally.excessOf(1)).toBeUndefined();
    }
    const calm = new LiveTally();
    steady(calm, 60, 12);
    expect(calm.excessOf(1)?.pValue ?? 1).toBeGreaterThan(0.01);
    expect(calm.excessOf(2)).toBeUndefined();
  });

  it('finds a burst in the window where it is rarest', () => {
    const tally = new LiveTally();
    steady(tally, 12, 12);
    const nowMs = 12 * HOUR_MS;
    for (let n = 0; n < 12; n++)
      tally.take({ glitchId: `b${n}`, familyId: 1, atMs: nowMs + 3_000 * n });
    const excess = tally.excessOf(1);
    expect(excess).toMatchObject({ windowMs: MINUTE_MS, count: 12 });
    expect(excess?.pValue).toBeLessThan(1e-12);
    expect(excess?.expectedPerHour).toBeCloseTo(12, 0);
    expect(excess?.glitchIds.at(-1)).toBe('b11');
    tally.forget(1);
    expect(tally.excessOf(1)).toBeUndefined();
  });

  it('says that chance excesses are as rare as they are', () => {
    const rng = createRng(9);
    const tally = new LiveTally();
    let atMs = 0;
    let rare = 0;
    const glitches = 20_000;
    for (let n = 0; n < glitches; n++) {
      atMs += -Math.log(1 - rng.nextFloat()) * 2 * MINUTE_MS;
      tally.take({ glitchId: `p${n}`, familyId: 1, atMs });
      if ((tally.excessOf(1)?.pValue ?? 1) < 0.001) rare++;
    }
    // A window ends at each glitch, which makes an excess somewhat likelier than at any moment.
    expect(rare / glitches).toBeLessThan(0.01);
    expect(rare).toBeGreaterThan(0);
  });
});
