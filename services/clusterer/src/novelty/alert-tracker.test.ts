import { createRng } from '@glitchwatch/numerics';
import { type Alert, AlertState, SignalKind, Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import type { AlertSurroundings } from './alert-message.js';
import {
  emptyNoveltyState,
  type NoveltyState,
  observe,
  rejoin,
  remember,
  reviseDue,
} from './alert-tracker.js';
import { byTypicality, type FamilyDistances, type NovelGlitch } from './novel-glitch.js';

const rules = {
  minGroupSize: 5,
  familyFrom: 5,
  window: 50,
  everyMemberUpTo: 10,
  updateEveryMs: 60_000,
  candidateShare: 0.05,
  historicalAfterMs: 600_000,
  alarms: { wantedPerDay: { 'emergent-family': 1, outlier: 1, burst: 1 }, maxPerHour: 6 },
};
const rng = createRng(5);

/** Far from every family, as a group within 0.01 sees it. */
const FAR: FamilyDistances = { nearest: 0.1, group: 0.12 };

/** Unit vectors in 8-D close to axis `axis`: within 0.01 of one another, 1 from another axis. */
function glitch(n: number, axis: number, facts: Partial<Trigger> = {}): NovelGlitch {
  const vector = Float32Array.from({ length: 8 }, () => 0.02 * rng.nextNormal());
  vector[axis]! += 1;
  const norm = Math.hypot(...vector);
  return {
    glitchId: `g${n}`,
    vector: vector.map((value) => value / norm),
    trigger: Trigger.fromPartial({ glitchId: `g${n}`, ifo: n % 2 ? 'L1' : 'H1', ...facts }),
    ingestedAtMs: 1_700_000_000_000 + 60_000 * n,
    mapX: n,
    mapY: -n,
    toFamilies: FAR,
    arrival: n,
    isLate: false,
  };
}

function surroundings(values: Partial<AlertSurroundings> = {}): AlertSurroundings {
  return {
    modelVersion: 1,
    nowMs: 1_700_000_000_000,
    atMs: 1_700_000_000_000,
    arrivals: { count: 200, perDay: 1_440, known: 10_000 },
    nearestFamilies: () => [{ familyId: 4, distance: 0.31 }],
    isYoung: () => false,
    ...values,
  };
}

function observeAll(
  state: NoveltyState,
  glitches: readonly NovelGlitch[],
  around = surroundings(),
): { state: NoveltyState; alerts: Alert[] } {
  const alerts: Alert[] = [];
  let now = state;
  for (const one of glitches) {
    const step = observe(now, one, { isOrdinary: false }, rules, around);
    now = step.state;
    alerts.push(...step.alerts);
  }
  return { state: now, alerts };
}

const group = (count: number, axis: number, from = 0) =>
  Array.from({ length: count }, (_, i) => glitch(from + i, axis));

describe('observe', () => {
  it('raises nothing for fewer than the least group, or for a scattered one', () => {
    expect(observeAll(emptyNoveltyState, group(4, 0)).alerts).toEqual([]);
    const scattered = Array.from({ length: 8 }, (_, i) => glitch(i, i));
    const { state, alerts } = observeAll(emptyNoveltyState, scattered);
    expect(alerts).toEqual([]);
    expect(state.candidates).toHaveLength(8);
  });

  it('raises nothing for more of a kind that has just become a family', () => {
    const isYoung = (familyId: number) => familyId === 9;
    const beside = (distance: number, toOlder: number) =>
      surroundings({
        isYoung,
        nearestFamilies: () => [
          { familyId: 9, distance },
          { familyId: 4, distance: toOlder },
        ],
      });
    const members = group(6, 0);
    const more = observeAll(emptyNoveltyState, members, beside(0.1, 0.3));
    expect(more.alerts).toEqual([]);
    // With the next model the family is young no more, and the group is still there.
    const later = observeAll(more.state, group(1, 0, 6), surroundings());
    expect(later.alerts.map(({ count }) => count)).toEqual([7n]);
    expect(observeAll(emptyNoveltyState, members, beside(0.25, 0.3)).alerts).not.toEqual([]);
  });

  it('raises one alert at the fifth member, then a revision for each', () => {
    const { state, alerts } = observeAll(emptyNoveltyState, group(7, 0));
    expect(alerts.map(({ state: s, revision, count }) => [s, revision, count])).toEqual([
      [AlertState.ALERT_STATE_OPEN, 1, 5n],
      [AlertState.ALERT_STATE_UPDATED, 2, 6n],
      [AlertState.ALERT_STATE_UPDATED, 3, 7n],
    ]);
    expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(1);
    expect(state.candidates).toEqual([]);
    expect(state.alerts.size).toBe(1);
  });

  it('keeps two groups apart, each with an alert of its own', () => {
    const mixed = group(5, 0).flatMap((one, i) => [one, glitch(100 + i, 3)]);
    const { alerts } = observeAll(emptyNoveltyState, mixed);
    expect(alerts).toHaveLength(2);
    expect(alerts[0]?.alertId).not.toBe(alerts[1]?.alertId);
  });

  it('does not count a glitch twice', () => {
    const five = group(5, 0);
    const { state } = observeAll(emptyNoveltyState, five);
    expect(observeAll(state, five)).toEqual({ state, alerts: [] });
  });

  it('goes by contrast: near to one another matters only beside what is known', () => {
    const five = group(5, 0);
    const rim = five.map((one) => ({ ...one, toFamilies: { nearest: 0.001, group: 0.1 } }));
    expect(observeAll(emptyNoveltyState, rim).alerts).toEqual([]);
    // The same five, one of them with a member of a family right beside it.
    const mixed = five.map((one, i) => (i === 0 ? rim[0]! : one));
    expect(observeAll(emptyNoveltyState, mixed).alerts).toEqual([]);
    expect(observeAll(emptyNoveltyState, five).alerts).toHaveLength(1);
  });

  it('raises at the first newcomer among enough that were there before', () => {
    const before = group(4, 0).reduce(
      (state, one) => remember(state, one, rules),
      emptyNoveltyState,
    );
    const { alerts } = observeAll(before, [glitch(7, 0)]);
    expect(alerts.map(({ count }) => count)).toEqual([5n]);
  });

  it('raises nothing for glitches in a family, however near to one another', () => {
    let state = emptyNoveltyState;
    for (const one of group(20, 0)) {
      const step = observe(state, one, { isOrdinary: true }, rules, surroundings());
      expect(step.alerts).toEqual([]);
      state = step.state;
    }
    expect(state.candidates).toEqual([]);
  });

  it('takes a glitch that stands apart with its members in, whatever its family', () => {
    const { state } = observeAll(emptyNoveltyState, group(5, 0));
    const swallowed = { ...glitch(9, 0), toFamilies: { nearest: 0.001, group: 0.12 } };
    const near = observe(state, swallowed, { isOrdinary: true }, rules, surroundings());
    expect(near.alerts[0]?.count).toBe(6n);
    const ofFamily = { ...glitch(9, 0), toFamilies: { nearest: 0.001, group: 0.001 } };
    const known = observe(state, ofFamily, { isOrdinary: true }, rules, surroundings());
    expect(known).toEqual({ state, alerts: [] });
    const far = observe(state, glitch(9, 2), { isOrdinary: true }, rules, surroundings());
    expect(far).toEqual({ state, alerts: [] });
  });

  it('revises beyond ten members only at a growth of a tenth or after the time', () => {
    const { state, alerts } = observeAll(emptyNoveltyState, group(40, 0));
    const counts = alerts.map(({ count }) => Number(count));
    expect(counts.slice(0, 6)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(counts.slice(6)).toEqual([11, 13, 15, 17, 19, 21, 24, 27, 30, 33, 37]);
    const early = surroundings({ nowMs: 1_700_000_000_000 + 59_000 });
    expect(reviseDue(state, rules, early).alerts).toEqual([]);
    const late = surroundings({ nowMs: 1_700_000_000_000 + 60_000 });
    const due = reviseDue(state, rules, late);
    expect(due.alerts.map(({ count }) => count)).toEqual([40n]);
    expect(reviseDue(due.state, rules, late).alerts).toEqual([]);
  });

  it('forgets the oldest candidates beyond the window', () => {
    let state = emptyNoveltyState;
    for (let i = 0; i < 60; i++) state = remember(state, glitch(i, i % 8), rules);
    expect(state.candidates).toHaveLength(50);
    expect(state.candidates[0]?.glitchId).toBe('g10');
  });

  it('leaves the state it was given as it was', () => {
    const { state } = observeAll(emptyNoveltyState, group(5, 0));
    const before = structuredClone(state);
    observeAll(state, group(6, 0, 20));
    expect(state).toEqual(before);
  });
});

describe('the evidence', () => {
  it('says what, where, since when and how far from the known', () => {
    const members = Array.from({ length: 5 }, (_, i) =>
      glitch(i, 0, {
        peakGpsNs: 1_167_559_936_000_000_000n + BigInt(i) * 900_000_000_000n,
        peakFrequencyHz: 600 + 10 * i,
        snr: i === 0 ? undefined : 8 + i,
      }),
    );
    const [alert] = observeAll(emptyNoveltyState, members).alerts;
    const medoid = byTypicality(members)[0]!;
    expect(alert).toMatchObject({
      count: 5n,
      sinceGpsNs: 1_167_559_936_000_000_000n,
      ratePerHour: 4,
      membersByIfo: { H1: 3n, L1: 2n },
      peakFrequencyHz: { min: 600, median: 620, max: 640 },
      snr: { min: 9, median: 10.5, max: 12 },
      durationSec: undefined,
      nearestFamilies: [{ familyId: 4, distance: 0.31 }],
      mapX: medoid.mapX,
    });
    expect(alert?.exemplarGlitchIds[0]).toBe(medoid.glitchId);
    // GPS 1167559936 is GW170104, 10:11:58.6 UTC (18 leap seconds).
    expect(alert?.summary).toBe(
      '5 glitches unlike any family, around 620 Hz, in H1 and L1 since 2017-01-04 10:11 UTC; nearest family 4 (distance 0.31)',
    );
  });
});

describe('rejoin', () => {
  const { state } = observeAll(emptyNoveltyState, group(5, 0));
  const { nowMs } = surroundings();

  it('brings a glitch back to its alert without a revision', () => {
    const joined = rejoin(state, glitch(7, 0), nowMs);
    expect([...joined!.alerts.values()][0]).toMatchObject({ revision: 1, reportedCount: 5 });
    expect([...joined!.alerts.values()][0]?.members).toHaveLength(6);
    expect(rejoin(state, glitch(8, 1), nowMs)).toBeUndefined();
  });

  it('leaves out what was assigned before the last revision, which would have named it', () => {
    expect(rejoin(state, glitch(7, 0), nowMs - 1)).toBeUndefined();
  });

  it('raises nothing for hardware injections and known events, nor lets them join', () => {
    const signal = SignalKind.SIGNAL_KIND_HARDWARE_INJECTION;
    const injected = Array.from({ length: 12 }, (_, n) => glitch(n, 3, { signal }));
    const alone = observeAll(emptyNoveltyState, injected);
    expect(alone.alerts).toEqual([]);
    expect(alone.state).toEqual(emptyNoveltyState);
    const real = Array.from({ length: 5 }, (_, n) => glitch(100 + n, 3));
    const { state, alerts } = observeAll(emptyNoveltyState, [...real, ...injected]);
    expect(alerts.length).toBe(1);
    expect([...state.alerts.values()][0]!.members.length).toBe(5);
    expect(remember(emptyNoveltyState, injected[0]!, rules)).toBe(emptyNoveltyState);
    expect(rejoin(state, injected[0]!, 0)).toBeUndefined();
  });
});
