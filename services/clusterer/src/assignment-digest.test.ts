import { createRng } from '@glitchwatch/numerics';
import { Assignment } from '@glitchwatch/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestAssignments } from './assignment-digest.js';

const some = [1, 2, 3].flatMap((modelVersion) =>
  Array.from({ length: 5 }, (_, n) =>
    Assignment.fromPartial({
      glitchId: `g${n}`,
      modelVersion,
      familyId: n % 3,
      noveltyPValue: 0.1 * n,
      neighbours: [{ glitchId: `g${n + 1}`, distance: 0.25, familyId: 1 }],
      assignedAtMs: BigInt(100 * n + modelVersion),
    }),
  ),
);
const { sha256 } = digestAssignments(some);

describe('digestAssignments', () => {
  it('counts glitches by model version, and repetitions', () => {
    expect(digestAssignments([])).toMatchObject({ assignments: 0, repeated: 0 });
    expect(digestAssignments([...some, some[3]!])).toEqual({
      sha256,
      assignments: 15,
      repeated: 1,
    });
  });

  it('does not depend on the order or on when an assignment was given', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = createRng(seed);
        const shuffled = some
          .map((assignment) => ({ assignment, at: rng.nextFloat() }))
          .sort((a, b) => a.at - b.at)
          .map(({ assignment, at }) => ({
            ...assignment,
            assignedAtMs: BigInt(Math.round(1e6 * at)),
          }));
        expect(digestAssignments(shuffled).sha256).toBe(sha256);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('changes with every other field, and with a contradiction', () => {
    const [first, ...others] = some;
    const changed: Partial<Assignment>[] = [
      { glitchId: 'h0' },
      { modelVersion: 9 },
      { familyId: 7 },
      { noveltyPValue: 0.3 },
      { mapX: Number.EPSILON },
      { ingestedAtMs: 1n },
      { neighbours: [] },
    ];
    for (const fields of changed)
      expect(digestAssignments([{ ...first!, ...fields }, ...others]).sha256).not.toBe(sha256);
    const contradicting = { ...first!, familyId: 7 };
    expect(digestAssignments([...some, contradicting]).sha256).not.toBe(sha256);
  });
});
