import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignPartitions } from './assignment.js';

function counts(assignment: Record<string, string>): Map<string, number> {
  const result = new Map<string, number>();
  for (const member of Object.values(assignment)) result.set(member, (result.get(member) ?? 0) + 1);
  return result;
}

describe('assignPartitions', () => {
  test('shares four partitions between two members', () => {
    const topics = { a: ['t'], b: ['t'] };
    expect(assignPartitions({ t: 4 }, topics, {})).toEqual({
      't/0': 'a',
      't/1': 'b',
      't/2': 'a',
      't/3': 'b',
    });
  });

  test('moves as little as it can when a member joins or leaves', () => {
    const two = assignPartitions({ t: 6 }, { a: ['t'], b: ['t'] }, {});
    const three = assignPartitions({ t: 6 }, { a: ['t'], b: ['t'], c: ['t'] }, two);
    const moved = Object.keys(two).filter((name) => two[name] !== three[name]);
    expect(moved).toHaveLength(2);
    expect(moved.every((name) => three[name] === 'c')).toBe(true);
    const without = assignPartitions({ t: 6 }, { a: ['t'], c: ['t'] }, three);
    for (const [name, member] of Object.entries(three)) {
      if (member !== 'b') expect(without[name]).toBe(member);
    }
  });

  test('gives a topic only to those who want it', () => {
    const assignment = assignPartitions(
      { t: 2, u: 2, unwanted: 3 },
      { a: ['t'], b: ['t', 'u'] },
      { 'u/0': 'a', 'unwanted/1': 'a', 'gone/0': 'b' },
    );
    expect(assignment).toEqual({ 't/0': 'a', 't/1': 'a', 'u/0': 'b', 'u/1': 'b' });
  });

  test('without members nobody gets anything', () => {
    expect(assignPartitions({ t: 2 }, {}, { 't/0': 'a' })).toEqual({});
  });

  test('always: every wanted partition once, balanced, the same whatever the order', () => {
    const topic = fc.constantFrom('t', 'u', 'v');
    const members = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      fc.uniqueArray(topic, { minLength: 1 }),
    );
    const partitionsOf = fc.record({ t: fc.nat(9), u: fc.nat(9), v: fc.nat(9) });
    const check = (
      partitions: Record<string, number>,
      before: Record<string, string[]>,
      after: Record<string, string[]>,
    ): void => {
      const previous = assignPartitions(partitions, before, {});
      const now = assignPartitions(partitions, after, previous);
      const reversed = Object.fromEntries(Object.entries(after).reverse());
      expect(assignPartitions(partitions, reversed, previous)).toEqual(now);
      for (const [name, count] of Object.entries(partitions)) {
        const takers = Object.keys(after).filter((member) => after[member]?.includes(name));
        for (let p = 0; p < count; p++) {
          const holder = now[`${name}/${p}`];
          if (takers.length === 0) expect(holder).toBeUndefined();
          else expect(takers).toContain(holder);
        }
      }
      const held = counts(now);
      for (const [name, holder] of Object.entries(now)) {
        const wanted = name.split('/')[0] ?? '';
        for (const member of Object.keys(after)) {
          if (!after[member]?.includes(wanted)) continue;
          expect((held.get(holder) ?? 0) - (held.get(member) ?? 0)).toBeLessThan(2);
        }
      }
    };
    fc.assert(fc.property(partitionsOf, members, members, check), { seed: 11, numRuns: 300 });
  });
});
