import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlarmGate,
  afterRaising,
  begun,
  emptyGate,
  permission,
  type WatchKind,
} from './alarm-gate.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const rules = {
  wantedPerDay: { 'emergent-family': 0.3, outlier: 0.3, burst: 0 },
  maxPerHour: 3,
};

describe('the gate for alerts', () => {
  it('lets pass what is rarer than wanted, and nothing of a kind that is off', () => {
    const ask = (kind: WatchKind, falsePerDay: number) =>
      permission(emptyGate, rules, { kind, falsePerDay, atMs: 0 });
    expect(ask('outlier', 0.2)).toBe('raise');
    expect(ask('outlier', 0.31)).toBe('too-likely');
    expect(ask('outlier', Number.NaN)).toBe('too-likely');
    expect(ask('burst', 0)).toBe('too-likely');
  });

  it('never raises more of a kind within any hour than the limit, however strange they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: HOUR_MS / 2 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (gapsMs, maxPerHour) => {
          const limited = { ...rules, maxPerHour };
          const raised: number[] = [];
          let gate: AlarmGate = emptyGate;
          let atMs = 0;
          for (const gap of gapsMs) {
            atMs += gap;
            const alarm = { kind: 'outlier', falsePerDay: 0, atMs } as const;
            const answer = permission(gate, limited, alarm);
            const inHour = raised.filter((moment) => moment > atMs - HOUR_MS).length;
            expect(answer).toBe(inHour < maxPerHour ? 'raise' : 'too-many');
            if (answer !== 'raise') continue;
            gate = afterRaising(gate, limited, alarm);
            raised.push(atMs);
          }
          expect(gate.raisedMs.get('outlier')?.length ?? 0).toBeLessThanOrEqual(maxPerHour);
        },
      ),
      { seed: 2 },
    );
  });

  it('takes silence since it began for a sign of being too strict, up to a limit', () => {
    const gate = begun(begun(emptyGate, 0), 5 * DAY_MS);
    const ask = (days: number, falsePerDay: number) =>
      permission(gate, rules, { kind: 'outlier', falsePerDay, atMs: days * DAY_MS });
    expect(ask(0, 0.31)).toBe('too-likely');
    // A quarter of a decade for each alert that was wanted and did not come.
    expect(ask(10, 0.3 * 10 ** 0.74)).toBe('raise');
    expect(ask(10, 0.3 * 10 ** 0.76)).toBe('too-likely');
    expect(ask(1_000, 0.3 * 10 ** 1.51)).toBe('too-likely');
    const raised = afterRaising(gate, rules, { kind: 'outlier', atMs: 10 * DAY_MS });
    const alarm = { kind: 'outlier', falsePerDay: 0.3 * 10 ** 0.51, atMs: 10 * DAY_MS } as const;
    expect(permission(raised, rules, alarm)).toBe('too-likely');
  });

  it('counts each kind by itself', () => {
    let gate: AlarmGate = emptyGate;
    for (let i = 0; i < 3; i++) gate = afterRaising(gate, rules, { kind: 'outlier', atMs: 0 });
    const ask = (kind: WatchKind) => permission(gate, rules, { kind, falsePerDay: 0, atMs: 1 });
    expect(ask('outlier')).toBe('too-many');
    expect(ask('emergent-family')).toBe('raise');
  });
});
