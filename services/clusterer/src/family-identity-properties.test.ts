import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyEvents } from './family-events.js';
import { matchFamilies } from './family-identity.js';

const MAX_CLUSTERS = 6;

/** Rows with a family before (1 to 6, or none) and a cluster now (0 to 5, or none). */
const refits = fc
  .array(
    fc.record({
      before: fc.constantFrom(-1, 1, 2, 3, 4, 5, 6),
      now: fc.integer({ min: -1, max: MAX_CLUSTERS - 1 }),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((rows) => {
    // HDBSCAN numbers its clusters without gaps.
    const numbers = new Map<number, number>();
    for (const { now } of rows) if (now >= 0 && !numbers.has(now)) numbers.set(now, numbers.size);
    return {
      labels: rows.map(({ now }) => numbers.get(now) ?? -1),
      before: rows.map(({ before }): number => before),
      nClusters: numbers.size,
    };
  });

const NEXT = 7;

function match({
  labels,
  before,
  nClusters,
}: {
  labels: number[];
  before: number[];
  nClusters: number;
}) {
  return matchFamilies({
    labels: Int32Array.from(labels),
    previousFamilyIds: Int32Array.from(before),
    nClusters,
    nextFamilyId: NEXT,
  });
}

const check = <T>(property: fc.IProperty<T>) => fc.assert(property, { seed: 17, numRuns: 300 });

describe('matchFamilies, for any refit', () => {
  it('gives each cluster an id of its own: one that was there, or one that never was', () => {
    check(
      fc.property(refits, (refit) => {
        const { familyIds, nextFamilyId } = match(refit);
        expect(familyIds).toHaveLength(refit.nClusters);
        expect(new Set(familyIds).size).toBe(familyIds.length);
        const fresh = familyIds.filter((id) => id >= NEXT);
        expect(fresh.sort((a, b) => a - b)).toEqual(fresh.map((_, i) => NEXT + i));
        expect(nextFamilyId).toBe(NEXT + fresh.length);
        for (const id of familyIds) if (id < NEXT) expect(refit.before).toContain(id);
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    const shuffled = refits.chain((refit) =>
      fc
        .shuffledSubarray([...refit.labels.keys()], { minLength: refit.labels.length })
        .map((order) => ({ refit, order })),
    );
    check(
      fc.property(shuffled, ({ refit, order }) => {
        const other = {
          ...refit,
          labels: order.map((row) => refit.labels[row]!),
          before: order.map((row) => refit.before[row]!),
        };
        expect(match(other)).toEqual(match(refit));
      }),
    );
  });

  it('keeps the id of every cluster that has the members it had, whatever its number', () => {
    check(
      fc.property(refits, fc.nat(), ({ labels, before, nClusters }, turn) => {
        // The clusters of one fit are the families before the next.
        const ids = match({ labels, before, nClusters }).familyIds;
        const renumbered = labels.map((label) => (label < 0 ? -1 : (label + turn) % nClusters));
        const again = match({
          labels: renumbered,
          before: labels.map((label) => (label < 0 ? -1 : ids[label]!)),
          nClusters,
        });
        for (let label = 0; label < nClusters; label++)
          expect(again.familyIds[(label + turn) % nClusters]).toBe(ids[label]);
        expect(again.nextFamilyId).toBe(NEXT);
      }),
    );
  });
});

describe('familyEvents, for any refit', () => {
  it('tell of every family that came or went, once each, and of no other change of ids', () => {
    check(
      fc.property(refits, (refit) => {
        const { familyIds: idOf } = match(refit);
        const familyIds = Int32Array.from(refit.labels, (label) => (label < 0 ? -1 : idOf[label]!));
        const familiesBefore: number[] = [...new Set<number>(refit.before)].filter((id) => id >= 0);
        const events = familyEvents({
          familyIds,
          previousFamilyIds: Int32Array.from(refit.before),
          familiesBefore,
        });
        const told = events.map(({ familyId }) => familyId);
        expect(new Set(told).size).toBe(told.length);
        const cameOrWent = [
          ...idOf.filter((id) => !familiesBefore.includes(id)),
          ...familiesBefore.filter((id) => !idOf.includes(id)),
        ];
        expect(told).toEqual(expect.arrayContaining(cameOrWent));
        for (const { membersBefore, membersAfter, membersShared } of events) {
          expect(Number(membersShared)).toBeLessThanOrEqual(
            Math.max(Number(membersBefore), Number(membersAfter)),
          );
        }
      }),
    );
  });
});
