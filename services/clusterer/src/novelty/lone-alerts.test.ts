import { AlertKind, AlertState, SignalKind, Trigger } from '@glitchwatch/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertSurroundings } from './alert-message.js';
import { emptyNoveltyState, type NoveltyState } from './alert-tracker.js';
import { observeBurst, observeOutlier, settleLone } from './lone-alerts.js';
import type { NovelGlitch } from './novel-glitch.js';

const HOUR_MS = 3_600_000;
const START_MS = 1_700_000_000_000;
const rules = {
  minGroupSize: 5,
  familyFrom: 5,
  window: 50,
  everyMemberUpTo: 10,
  updateEveryMs: 60_000,
  candidateShare: 0.05,
  historicalAfterMs: 600_000,
  alarms: { wantedPerDay: { 'emergent-family': 1, outlier: 1, burst: 1 }, maxPerHour: 3 },
};

function glitch(n: number, values: Partial<NovelGlitch> = {}): NovelGlitch {
  return {
    glitchId: `g${n}`,
    vector: Float32Array.of(Math.cos(n), Math.sin(n)),
    trigger: Trigger.fromPartial({ glitchId: `g${n}`, ifo: 'H1' }),
    ingestedAtMs: START_MS + 1_000 * n,
    mapX: 0,
    mapY: 0,
    toFamilies: { nearest: 0, group: 0 },
    arrival: n,
    isLate: false,
    ...values,
  };
}

function at(atMs: number, nowMs = atMs): AlertSurroundings {
  return {
    modelVersion: 1,
    nowMs,
    atMs,
    arrivals: { count: 100, perDay: 1_440, known: 1_000 },
    nearestFamilies: () => [{ familyId: 4, distance: 0.31 }],
    isYoung: () => false,
  };
}

const burstOf = (count: number, values: Partial<NovelGlitch> = {}) => ({
  members: Array.from({ length: count }, (_, n) => glitch(n, values)),
  rate: { familyId: 4, expectedPerHour: 10 },
  falsePerDay: 1e-6,
});

describe('an outlier', () => {
  it('is an alert of its own kind that says how often chance gives it, once', () => {
    const step = observeOutlier(emptyNoveltyState, glitch(1), 0.2, rules, at(START_MS));
    expect(step.alerts).toHaveLength(1);
    expect(step.alerts[0]).toMatchObject({
      kind: AlertKind.ALERT_KIND_OUTLIER,
      state: AlertState.ALERT_STATE_OPEN,
      count: 1n,
      falseAlarmsPerDay: 0.2,
      historical: false,
    });
    expect(step.alerts[0]?.summary).toContain('1 glitch further from every family');
    expect(observeOutlier(step.state, glitch(1), 0.2, rules, at(START_MS)).alerts).toEqual([]);
  });

  it('is none where chance gives it more often than wanted, or where it is a signal', () => {
    const often = observeOutlier(emptyNoveltyState, glitch(1), 1.1, rules, at(START_MS));
    expect(often).toMatchObject({ alerts: [], withheld: [] });
    const signal = SignalKind.SIGNAL_KIND_HARDWARE_INJECTION;
    const injected = glitch(2, { trigger: Trigger.fromPartial({ signal }) });
    expect(observeOutlier(emptyNoveltyState, injected, 0, rules, at(START_MS)).alerts).toEqual([]);
  });

  it('is withheld, and said to be, beyond the limit for an hour', () => {
    let state: NoveltyState = emptyNoveltyState;
    const raised: number[] = [];
    const withheld: number[] = [];
    for (let n = 0; n < 8; n++) {
      const step = observeOutlier(state, glitch(n), 0, rules, at(START_MS + n * 0.2 * HOUR_MS));
      state = step.state;
      if (step.alerts.length > 0) raised.push(n);
      if (step.withheld?.includes('outlier')) withheld.push(n);
    }
    expect(raised).toEqual([0, 1, 2, 5, 6, 7]);
    expect(withheld).toEqual([3, 4]);
  });

  it('is resolved after a day, and is not raised again', () => {
    const { state } = observeOutlier(emptyNoveltyState, glitch(1), 0, rules, at(START_MS));
    expect(settleLone(state, rules, at(START_MS + 23 * HOUR_MS)).alerts).toEqual([]);
    const later = at(START_MS + 24 * HOUR_MS);
    const step = settleLone(state, rules, later);
    expect(step.alerts[0]).toMatchObject({ state: AlertState.ALERT_STATE_RESOLVED, revision: 2 });
    expect(step.state.lone.size).toBe(0);
    expect(observeOutlier(step.state, glitch(1), 0, rules, later).alerts).toEqual([]);
  });
});

describe('a burst', () => {
  it('names the family, its usual rate and the members, and grows as one alert', () => {
    const first = observeBurst(emptyNoveltyState, burstOf(6), rules, at(START_MS));
    expect(first.alerts[0]).toMatchObject({
      kind: AlertKind.ALERT_KIND_BURST,
      familyId: 4,
      expectedPerHour: 10,
      count: 6n,
    });
    expect(first.alerts[0]?.summary).toContain('Burst of family 4: 6 glitches');
    const second = observeBurst(first.state, burstOf(7), rules, at(START_MS));
    expect(second.alerts[0]).toMatchObject({ revision: 2, count: 7n });
    expect(second.alerts[0]?.alertId).toBe(first.alerts[0]?.alertId);
    expect(observeBurst(second.state, burstOf(7), rules, at(START_MS)).alerts).toEqual([]);
  });

  it('is over ten minutes after its last member', () => {
    const { state } = observeBurst(emptyNoveltyState, burstOf(6), rules, at(START_MS + 5_000));
    expect(settleLone(state, rules, at(START_MS + 300_000)).alerts).toEqual([]);
    const step = settleLone(state, rules, at(START_MS + 700_000));
    expect(step.alerts[0]).toMatchObject({ state: AlertState.ALERT_STATE_RESOLVED });
    expect(step.alerts[0]?.summary).toContain('Burst of family 4 over');
  });
});

describe('the historical mark', () => {
  it('is on an alert as long as every member came late, and goes with the first live one', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (late) => {
        let state: NoveltyState = emptyNoveltyState;
        let isHistorical = true;
        for (const [n, isLate] of late.entries()) {
          const members = [glitch(n, { isLate })];
          const { state: after, alerts } = observeBurst(
            state,
            { ...burstOf(0), members },
            rules,
            at(START_MS + n),
          );
          state = after;
          const changes = isHistorical && !isLate;
          isHistorical &&= isLate;
          // The change is told at once, whatever the pace of revisions.
          if (n === 0 || changes) expect(alerts).toHaveLength(1);
          for (const alert of alerts) expect(alert.historical).toBe(isHistorical);
        }
      }),
      { seed: 3 },
    );
  });

  it('is on an outlier that was old when it was watched', () => {
    const late = glitch(1, { isLate: true });
    const step = observeOutlier(emptyNoveltyState, late, 0, rules, at(START_MS));
    expect(step.alerts[0]?.historical).toBe(true);
  });
});
