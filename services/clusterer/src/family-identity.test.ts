import { describe, expect, it } from 'vitest';
import { matchFamilies } from './family-identity.js';

/** Each group is [cluster now, family before, rows]. */
function match(groups: readonly (readonly [number, number, number])[], nextFamilyId = 10) {
  const labels = groups.flatMap(([cluster, , rows]) => new Array<number>(rows).fill(cluster));
  const before = groups.flatMap(([, family, rows]) => new Array<number>(rows).fill(family));
  return matchFamilies({
    labels: Int32Array.from(labels),
    previousFamilyIds: Int32Array.from(before),
    nClusters: Math.max(-1, ...labels) + 1,
    nextFamilyId,
  });
}

describe('matchFamilies', () => {
  it('numbers everything anew where there was no model', () => {
    expect(
      match(
        [
          [0, -1, 5],
          [1, -1, 5],
          [-1, -1, 3],
        ],
        1,
      ),
    ).toEqual({
      familyIds: [1, 2],
      nextFamilyId: 3,
    });
  });

  it('keeps ids through another numbering of the clusters', () => {
    expect(
      match([
        [0, 7, 20],
        [1, 4, 20],
        [2, 5, 20],
      ]).familyIds,
    ).toEqual([7, 4, 5]);
  });

  it('keeps the id of a family that grew threefold by new glitches', () => {
    expect(
      match([
        [0, 4, 50],
        [0, -1, 100],
      ]),
    ).toEqual({ familyIds: [4], nextFamilyId: 10 });
  });

  it('leaves the id with the largest part of a split', () => {
    expect(
      match([
        [0, 4, 30],
        [1, 4, 70],
      ]),
    ).toEqual({ familyIds: [10, 4], nextFamilyId: 11 });
  });

  it('takes the id of the larger of two that merge', () => {
    expect(
      match([
        [0, 4, 30],
        [0, 5, 70],
      ]).familyIds,
    ).toEqual([5]);
  });

  it('gives a fresh id below the stated share', () => {
    // 24 of 100 together with nothing else of the cluster known: 0.24 < 0.25.
    expect(
      match([
        [0, 4, 24],
        [-1, 4, 76],
      ]),
    ).toEqual({ familyIds: [10], nextFamilyId: 11 });
    expect(
      match([
        [0, 4, 25],
        [-1, 4, 75],
      ]),
    ).toEqual({ familyIds: [4], nextFamilyId: 10 });
  });

  it('gives no id twice when both parts of a split overlap two families', () => {
    const { familyIds } = match([
      [0, 4, 40],
      [0, 5, 35],
      [1, 4, 39],
      [1, 5, 34],
    ]);
    expect(new Set(familyIds).size).toBe(2);
    expect(familyIds[0]).toBe(4);
  });
});
