import { FamilyEventKind } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { familyEvents } from './family-events.js';

/** Each group is [family before, family now, rows]. */
function eventsOf(
  groups: readonly (readonly [number, number, number])[],
  before: readonly number[],
) {
  const column = (at: 0 | 1) =>
    Int32Array.from(groups.flatMap((group) => new Array<number>(group[2]).fill(group[at])));
  return familyEvents({
    previousFamilyIds: column(0),
    familyIds: column(1),
    familiesBefore: before,
  }).map(({ kind, familyId, otherFamilyId, membersBefore, membersAfter, membersShared }) => [
    FamilyEventKind[kind].replace('FAMILY_EVENT_KIND_', ''),
    familyId,
    otherFamilyId,
    [membersBefore, membersAfter, membersShared].map(Number),
  ]);
}

describe('familyEvents', () => {
  it('has nothing to tell where nothing changed', () => {
    expect(
      eventsOf(
        [
          [1, 1, 20],
          [-1, -1, 3],
        ],
        [1],
      ),
    ).toEqual([]);
  });

  it('tells of a birth among new and unassigned glitches', () => {
    expect(
      eventsOf(
        [
          [1, 1, 20],
          [-1, 2, 9],
        ],
        [1],
      ),
    ).toEqual([['BORN', 2, undefined, [0, 9, 0]]]);
  });

  it('calls a family born that has but a few strays of an old one', () => {
    expect(
      eventsOf(
        [
          [1, 1, 20],
          [1, 2, 3],
          [-1, 2, 9],
        ],
        [1],
      ),
    ).toEqual([
      ['SHRANK', 1, undefined, [23, 20, 20]],
      ['BORN', 2, undefined, [0, 12, 0]],
    ]);
  });

  it('tells of growth', () => {
    expect(
      eventsOf(
        [
          [1, 1, 20],
          [-1, 1, 5],
        ],
        [1],
      ),
    ).toEqual([['GREW', 1, undefined, [20, 25, 20]]]);
  });

  it('tells of a split: what stays shrank, the rest has come from it', () => {
    expect(
      eventsOf(
        [
          [1, 1, 60],
          [1, 2, 40],
        ],
        [1],
      ),
    ).toEqual([
      ['SHRANK', 1, undefined, [100, 60, 60]],
      ['SPLIT_FROM', 2, 1, [100, 40, 40]],
    ]);
  });

  it('tells of a merger: one goes into the other, which grew', () => {
    expect(
      eventsOf(
        [
          [1, 1, 60],
          [2, 1, 38],
          [2, -1, 2],
        ],
        [1, 2],
      ),
    ).toEqual([
      ['GREW', 1, undefined, [60, 98, 60]],
      ['MERGED_INTO', 2, 1, [40, 98, 38]],
    ]);
  });

  it('retires a family that fell apart, and one without a glitch left', () => {
    expect(
      eventsOf(
        [
          [1, 1, 60],
          [2, 1, 10],
          [2, -1, 20],
        ],
        [1, 2, 3],
      ),
    ).toEqual([
      ['GREW', 1, undefined, [60, 70, 60]],
      ['RETIRED', 2, undefined, [30, 0, 0]],
      ['RETIRED', 3, undefined, [0, 0, 0]],
    ]);
  });
});
