import { describe, expect, it } from 'vitest';
import { mapDiameter, medianMove } from './map-moves.js';
import { keptByFamily } from './stable-families.js';

/** Each group is [label before, label now, family before, family now, rows]. */
function kept(groups: readonly (readonly [number, number, number, number, number])[]) {
  return keptByFamily(
    groups.flatMap(([labelBefore, labelAfter, familyBefore, familyAfter, rows]) =>
      new Array<{
        labelBefore: number;
        labelAfter: number;
        familyBefore: number;
        familyAfter: number;
      }>(rows).fill({ labelBefore, labelAfter, familyBefore, familyAfter }),
    ),
  );
}

describe('keptByFamily', () => {
  it('counts members that keep id and label, those lost to noise against it', () => {
    expect(
      kept([
        [0, 3, 7, 7, 80],
        [0, -1, 7, -1, 20],
      ]),
    ).toEqual({
      stableFamilies: 1,
      members: 100,
      sameId: 80,
      sameLabel: 0,
    });
  });

  it('leaves out families that split evenly and those that merge into a larger one', () => {
    expect(
      kept([
        [0, 0, 1, 1, 50],
        [0, 1, 1, 9, 50],
      ]).stableFamilies,
    ).toBe(0);
    expect(
      kept([
        [0, 0, 1, 1, 60],
        [1, 0, 2, 1, 40],
      ]),
    ).toMatchObject({
      stableFamilies: 1,
      members: 60,
    });
  });
});

describe('a map', () => {
  const map = Float32Array.of(0, 0, 3, 4, 1, 1);

  it('has its greatest distance as its diameter', () => {
    expect(mapDiameter(map)).toBeCloseTo(5, 2);
  });

  it('moves by the median of its rows', () => {
    const moved = Float32Array.of(0, 1, 3, 6, 1, 1);
    expect(
      medianMove(map, moved, [
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
    ).toBe(1);
  });
});
