import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupFalseAlarmsPerDay } from './group-rarity.js';

const arrivals = { count: 10_000, perDay: 86_400, known: 2_000 };
const at = (...numbers: readonly number[]) => numbers.map((arrival) => ({ arrival }));

describe('groupFalseAlarmsPerDay', () => {
  it('is small for many that came soon after one another, and large for few or slow ones', () => {
    const every = (gap: number, members: number) =>
      groupFalseAlarmsPerDay(
        Array.from({ length: members }, (_, i) => ({ arrival: 10_000 - gap * i })),
        arrivals,
        0.01,
      );
    expect(every(1, 5)).toBeLessThan(1e-6);
    expect(every(60, 12)).toBeLessThan(0.01);
    expect(every(60, 2)).toBeGreaterThan(1);
    expect(every(3_000, 4)).toBeGreaterThan(1);
  });

  it('is judged by its last members where the first came long before', () => {
    const recent = at(10_000, 9_990, 9_980, 9_970, 9_960, 9_950);
    const withOld = [...recent, ...at(500, 100)];
    expect(groupFalseAlarmsPerDay(withOld, arrivals, 0.01)).toBeLessThanOrEqual(
      groupFalseAlarmsPerDay(recent, arrivals, 0.01),
    );
  });

  it('is no rarity where the reference went before: as often as it did is usual', () => {
    const live = at(10_000, 9_990, 9_980, 9_970);
    const visited = (times: number) =>
      groupFalseAlarmsPerDay([...live, ...Array(times).fill({ arrival: -2_000 })], arrivals, 0.2);
    expect(visited(0)).toBeLessThan(0.01);
    expect(visited(2)).toBeGreaterThan(visited(0));
    expect(visited(100)).toBeGreaterThan(100);
  });

  it('falls with every member and rises with the rate', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 30 }),
        (numbers) => {
          const all = groupFalseAlarmsPerDay(at(...numbers), arrivals, 0.01);
          const fewer = groupFalseAlarmsPerDay(at(...numbers.slice(1)), arrivals, 0.01);
          expect(all).toBeLessThanOrEqual(fewer);
          const faster = { ...arrivals, perDay: 2 * arrivals.perDay };
          expect(groupFalseAlarmsPerDay(at(...numbers), faster, 0.01)).toBeCloseTo(2 * all, 9);
        },
      ),
      { seed: 5 },
    );
  });
});
