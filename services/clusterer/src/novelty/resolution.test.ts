import { AlertState, alertIdOf, Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import type { AlertSurroundings, OpenAlert } from './alert-message.js';
import { emptyNoveltyState, type NoveltyState, observe } from './alert-tracker.js';
import type { NovelGlitch } from './novel-glitch.js';
import { idsOf, type ModelVerdict, resolveUnderModel } from './resolution.js';

const surroundings: AlertSurroundings = {
  modelVersion: 2,
  nowMs: 1_700_000_000_000,
  atMs: 1_700_000_000_000,
  arrivals: { count: 200, perDay: 1_440, known: 10_000 },
  nearestFamilies: () => [{ familyId: 4, distance: 0.31 }],
  isYoung: () => false,
};
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

/** Unit vectors in a plane, a hundredth of a radian (5e-5 in cosine distance) from one to the next. */
function member(n: number, from = 0): NovelGlitch {
  const angle = from + 0.01 * n;
  return {
    glitchId: `g${from}-${n}`,
    vector: Float32Array.of(Math.cos(angle), Math.sin(angle)),
    trigger: Trigger.fromPartial({ glitchId: `g${from}-${n}`, ifo: 'H1' }),
    ingestedAtMs: 1_700_000_000_000 + n,
    mapX: 0,
    mapY: 0,
    toFamilies: { nearest: 0.1, group: 0.1 },
    arrival: n,
    isLate: false,
  };
}

function alertOf(members: readonly NovelGlitch[], reportedCount = members.length): OpenAlert {
  return {
    kind: 'emergent-family',
    falsePerDay: 0.01,
    isHistorical: false,
    alertId: alertIdOf('emergent-family', members[0]!.glitchId),
    revision: 3,
    state: AlertState.ALERT_STATE_UPDATED,
    members,
    reportedCount,
    reportedAtMs: 0,
  };
}

function stateOf(...alerts: readonly OpenAlert[]): NoveltyState {
  return {
    ...emptyNoveltyState,
    alerts: new Map(alerts.map((alert) => [alert.alertId, alert])),
    watched: idsOf(alerts),
  };
}

const six = Array.from({ length: 6 }, (_, i) => member(i));
const inNine = { familyId: 9, mapX: 1, mapY: 2 };

/** Everything in family 9, which is old, of forty, and far from the members. */
function verdict(values: Partial<ModelVerdict> = {}): ModelVerdict {
  return {
    place: () => inNine,
    toFamilies: () => ({ nearest: 0.1, group: 0.1 }),
    family: () => ({ isNew: false, size: 40 }),
    ...values,
  };
}

const ofTheirOwn = verdict({ family: () => ({ isNew: true, size: 8 }) });
const amongOthers = verdict({ toFamilies: () => ({ nearest: 5e-5, group: 6e-5 }) });

describe('resolveUnderModel', () => {
  it('resolves by a new family that is mostly theirs', async () => {
    const place: ModelVerdict['place'] = ({ glitchId }) =>
      glitchId < 'g0-4' ? inNine : { ...inNine, familyId: -1 };
    const family = () => ({ isNew: true, size: 7 });
    const step = await resolveUnderModel(
      stateOf(alertOf(six)),
      { ...verdict(), place, family },
      surroundings,
    );
    expect(step.alerts).toHaveLength(1);
    expect(step.alerts[0]).toMatchObject({
      state: AlertState.ALERT_STATE_RESOLVED,
      resolvedFamilyId: 9,
      revision: 4,
      modelVersion: 2,
      summary: expect.stringContaining('6 glitches that are now family 9'),
    });
    expect(step.state.alerts.size).toBe(0);
    expect(step.state.watched.size).toBe(0);
    expect((await resolveUnderModel(step.state, ofTheirOwn, surroundings)).alerts).toEqual([]);
  });

  it('resolves by a family whose other members are as near as they are to one another', async () => {
    const { alerts } = await resolveUnderModel(stateOf(alertOf(six)), amongOthers, surroundings);
    expect(alerts[0]).toMatchObject({
      state: AlertState.ALERT_STATE_RESOLVED,
      resolvedFamilyId: 9,
    });
  });

  it.each([
    ['an old one', verdict()],
    ['a new one of others', verdict({ family: () => ({ isNew: true, size: 40 }) })],
    ['an old one that they make up', verdict({ family: () => ({ isNew: false, size: 8 }) })],
  ])('stays open where a family swallowed its members: %s', async (_, model) => {
    const step = await resolveUnderModel(stateOf(alertOf(six)), model, surroundings);
    expect(step.alerts).toEqual([]);
    const [alert] = step.state.alerts.values();
    expect(alert?.members.map(({ mapX, mapY }) => [mapX, mapY])).toEqual(new Array(6).fill([1, 2]));
    expect(step.state.watched).toEqual(new Set(six.map(({ glitchId }) => glitchId)));
    expect(await resolveUnderModel(step.state, model, surroundings)).toEqual(step);

    const later = observe(step.state, member(7), { isOrdinary: true }, rules, surroundings);
    expect(later.alerts[0]).toMatchObject({ alertId: alert?.alertId, count: 7n, revision: 4 });
  });

  it('stays open where no family has more than half', async () => {
    const place: ModelVerdict['place'] = ({ glitchId }) =>
      glitchId < 'g0-3' ? inNine : { ...inNine, familyId: -1 };
    const step = await resolveUnderModel(
      stateOf(alertOf(six)),
      { ...ofTheirOwn, place },
      surroundings,
    );
    expect(step.alerts).toEqual([]);
    expect(step.state.alerts.size).toBe(1);
  });

  it('reports members that the rate limit held back where it stays open', async () => {
    const { state, alerts } = await resolveUnderModel(
      stateOf(alertOf(six, 5)),
      verdict(),
      surroundings,
    );
    expect(alerts).toMatchObject([
      { state: AlertState.ALERT_STATE_UPDATED, revision: 4, count: 6n },
    ]);
    expect((await resolveUnderModel(state, verdict(), surroundings)).alerts).toEqual([]);
  });

  it('counts members of an alert that it resolves as known to the others', async () => {
    const first = alertOf(six);
    const second = alertOf(Array.from({ length: 6 }, (_, i) => member(i, 1)));
    const model = verdict({
      place: ({ glitchId }) => ({ ...inNine, familyId: glitchId.startsWith('g0') ? 9 : 8 }),
      family: (familyId) => ({ isNew: familyId === 9, size: 10 }),
      // The second is far from everything but the first.
      toFamilies: (_, watched) =>
        watched.has('g0-0') ? { nearest: 0.1, group: 0.1 } : { nearest: 5e-5, group: 5e-5 },
    });
    const step = await resolveUnderModel(stateOf(second, first), model, surroundings);
    expect(step.alerts.map(({ resolvedFamilyId }) => resolvedFamilyId)).toEqual([9, 8]);
    expect((await resolveUnderModel(step.state, model, surroundings)).alerts).toEqual([]);
  });

  it('goes on with the revisions when the same founder founds again', async () => {
    let { state } = await resolveUnderModel(stateOf(alertOf(six)), ofTheirOwn, surroundings);
    expect([...state.resolved.values()]).toEqual([4]);
    const revisions: number[] = [];
    for (const one of six) {
      const step = observe(state, one, { isOrdinary: false }, rules, surroundings);
      revisions.push(...step.alerts.map(({ revision }) => revision));
      state = step.state;
    }
    expect(revisions).toEqual([5, 6]);
  });

  it('gives live work its turns, and lets the latest of thousands speak for all', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => member(i));
    let asked = 0;
    const model = verdict({
      toFamilies: () => {
        asked += 1;
        for (const until = performance.now() + 1; performance.now() < until; );
        return { nearest: 0.1, group: 0.1 };
      },
    });
    let turns = 0;
    let isDone = false;
    const others = (): void => {
      turns += 1;
      if (!isDone) setImmediate(others);
    };
    setImmediate(others);
    await resolveUnderModel(stateOf(alertOf(many)), model, surroundings);
    isDone = true;
    expect(asked).toBe(200);
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});
