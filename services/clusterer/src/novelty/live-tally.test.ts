import { createRng } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { LiveTally } from './live-tally.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

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
    expect(calm.excessOf(1)?.perDay ?? 1).toBeGreaterThan(0.1);
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
    expect(excess?.perDay).toBeLessThan(1e-9);
    expect(tally.excessesPerDay(1e-9)).toBeLessThan(1e-8);
    expect(excess?.expectedPerHour).toBeCloseTo(12, 0);
    expect(excess?.glitchIds.at(-1)).toBe('b11');
    tally.forget(1);
    expect(tally.excessOf(1)).toBeUndefined();
  });

  it('says how often a day chance gives any family such an excess', () => {
    for (const [perHour, days] of [
      [2, 60],
      [30, 20],
    ] as const) {
      const rng = createRng(9);
      const tally = new LiveTally();
      const came: number[] = [];
      const lastMs = new Map<number, number>();
      const nFamilies = 8;
      let atMs = 0;
      for (let n = 0; atMs < days * DAY_MS; n++) {
        atMs += (-Math.log(1 - rng.nextFloat()) * HOUR_MS) / (perHour * nFamilies);
        const familyId = 1 + rng.nextInt(nFamilies);
        tally.take({ glitchId: `p${n}`, familyId, atMs });
        const excess = tally.excessOf(familyId);
        if (excess === undefined || excess.perDay > 1) continue;
        const perDay = tally.excessesPerDay(excess.perDay);
        // One clump: what follows within an hour belongs to it.
        if (perDay > 1 || atMs - (lastMs.get(familyId) ?? -DAY_MS) < HOUR_MS) continue;
        lastMs.set(familyId, atMs);
        came.push(perDay);
      }
      expect(came.length / days).toBeGreaterThan(1 / 1.5);
      expect(came.length / days).toBeLessThan(1.5);
    }
  });
});
