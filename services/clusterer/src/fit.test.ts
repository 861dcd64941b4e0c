import { findAbParams } from '@glitchwatch/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blobs } from '../test/blobs.js';
import { ActiveModel } from './active-model.js';
import { type FitInput, fitReference } from './fit.js';
import {
  defaultFitParams,
  defaultMinClusterSize,
  defaultMinDist,
  defaultMinSamples,
} from './fit-params.js';
import { decodeSnapshot, encodeSnapshot, type ModelSnapshot, sha256Of } from './model-snapshot.js';
import { cosineDistance } from './unit-vector.js';

const N = 160;
const N_BLOBS = 4;
const blobs = new Blobs({ seed: 3, dimension: 16 });
const vectors = Array.from({ length: N }, (_, i) => blobs.draw(i % N_BLOBS));
const idOf = (i: number): string => `glitch-${String((i * 37) % N).padStart(4, '0')}`;
const params = { ...defaultFitParams, nEpochs: 60, minClusterSize: 5 };

function input(order: readonly number[], more: Partial<FitInput> = {}): FitInput {
  const flat = new Float32Array(N * 16);
  order.forEach((i, row) => {
    flat.set(vectors[i]!, row * 16);
  });
  return { glitchIds: order.map(idOf), vectors: flat, params, ...more };
}

const inOrder = Array.from({ length: N }, (_, i) => i);
const reversed = [...inOrder].reverse();
const rules = { listed: 5, noveltyAlpha: 0.01 };

function snapshotOf(fit: ModelSnapshot['fit']): ModelSnapshot {
  return {
    modelVersion: 3,
    embedderSha256: 'e',
    firstModelVersions: new Map(fit.families.map(({ familyId }) => [familyId, 3])),
    assignmentOffsets: new Map([
      [0, 12n],
      [1, 0n],
    ]),
    fit,
  };
}

const fit = await fitReference(input(inOrder));

describe('fitReference', () => {
  it('finds the blobs as families with their members, medoid and neighbours', () => {
    expect(fit.families).toHaveLength(N_BLOBS);
    const blobOf = new Map(inOrder.map((i) => [idOf(i), i % N_BLOBS]));
    for (const { memberRows, exemplarRows } of fit.families) {
      expect(new Set(memberRows.map((row) => blobOf.get(fit.glitchIds[row]!))).size).toBe(1);
      expect(exemplarRows).toHaveLength(5);
      expect(memberRows).toEqual(expect.arrayContaining([...exemplarRows]));
    }
    expect(fit.neighbours.k).toBe(15);
    for (let row = 0; row < N; row++)
      expect([...fit.neighbours.indices.subarray(row * 15, row * 15 + 15)]).not.toContain(row);
    expect(fit.calibrationScores).toEqual(fit.calibrationScores.slice().sort());
  });

  it('does not depend on the order of the rows', async () => {
    const { secondsByStage: _, ...same } = await fitReference(input(reversed));
    expect(same).toEqual({ ...same, ...withoutTimes(fit) });
    expect(Buffer.from(same.layout.buffer)).toEqual(Buffer.from(fit.layout.buffer));
  });

  it('keeps the families of the model before and numbers on', async () => {
    const families = new Map(fit.glitchIds.map((glitchId, row) => [glitchId, fit.familyIds[row]!]));
    const previousFamilyIds = Int32Array.from(reversed, (i) => {
      const familyId = families.get(idOf(i))!;
      // The family of the last blob is unknown to the model before.
      return familyId === 4 ? -1 : familyId;
    });
    const again = await fitReference(input(reversed, { previousFamilyIds, nextFamilyId: 9 }));
    expect(again.families.map(({ familyId }) => familyId)).toEqual([1, 2, 3, 9]);
    expect(again.nextFamilyId).toBe(10);
  });

  it('goes on from the map before: what was on it stays about where it was', async () => {
    const few = inOrder.slice(0, 130);
    const before = await fitReference({
      glitchIds: few.map(idOf),
      vectors: input(inOrder).vectors.slice(0, few.length * 16),
      params,
    });
    const rowOf = new Map(before.glitchIds.map((glitchId, row) => [glitchId, row]));
    const previousLayout = Float32Array.from(
      reversed.flatMap((i) => {
        const row = rowOf.get(idOf(i));
        if (row === undefined) return [Number.NaN, Number.NaN];
        return [before.layout[2 * row]!, before.layout[2 * row + 1]!];
      }),
    );
    const after = await fitReference(input(reversed, { previousLayout }));
    const moves = after.glitchIds.flatMap((glitchId, row) => {
      const then = rowOf.get(glitchId);
      if (then === undefined) return [];
      const x = after.layout[2 * row]! - before.layout[2 * then]!;
      return [Math.hypot(x, after.layout[2 * row + 1]! - before.layout[2 * then + 1]!)];
    });
    const extent = Math.max(...before.layout) - Math.min(...before.layout);
    expect(moves).toHaveLength(130);
    expect(moves.sort((a, b) => a - b)[65]!).toBeLessThan(0.1 * extent);
    expect(after.families).toHaveLength(N_BLOBS);
    expect(after.umapParams).toEqual(fit.umapParams);
  });

  it.each([
    [
      'one row',
      { glitchIds: ['a'], vectors: Float32Array.of(1, 0) },
      'at least 2 glitches, found 1',
    ],
    ['a broken shape', { glitchIds: ['a', 'b'], vectors: new Float32Array(3) }, 'found 3 values'],
    [
      'an id twice',
      { glitchIds: ['a', 'a'], vectors: Float32Array.of(1, 0, 0, 1) },
      'a comes twice',
    ],
    ['a NaN', { glitchIds: ['a', 'b'], vectors: Float32Array.of(1, 0, Number.NaN, 1) }, 'glitch b'],
  ])('refuses %s', async (_, bad, message) => {
    await expect(fitReference({ ...bad, params })).rejects.toThrow(message);
  });

  it.each([2, 3, 5, 12])('fits %i rows', async (n) => {
    const few = await fitReference({
      glitchIds: inOrder.slice(0, n).map(idOf),
      vectors: input(inOrder).vectors.slice(0, n * 16),
      params,
    });
    expect(few.layout.every(Number.isFinite)).toBe(true);
    expect(few.labels).toHaveLength(n);
  });
});

describe('a model', () => {
  it('comes back from its snapshot and places glitches as before, bit for bit', async () => {
    const file = Buffer.concat(encodeSnapshot(snapshotOf(fit)));
    const decoded = decodeSnapshot(file, 'models/3.gwm');
    expect(decoded).toEqual(snapshotOf(withPlainBytes(fit)));
    expect(await sha256Of([file])).toBe(await sha256Of(encodeSnapshot(decoded)));
    const first = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const second = await ActiveModel.open(decoded, rules, 0);
    for (let i = 0; i < 40; i++) {
      const vector = blobs.draw(i % (N_BLOBS + 1));
      expect(second.place(`new-${i}`, vector)).toEqual(first.place(`new-${i}`, vector));
    }
    expect(second.place(idOf(5), vectors[5]!)).toEqual(first.place(idOf(5), vectors[5]!));
  });

  it('gives members their fit results and new glitches the family around them', async () => {
    const model = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const row = fit.glitchIds.indexOf(idOf(8));
    const member = model.place(idOf(8), vectors[8]!);
    expect(member).toMatchObject({
      isReference: true,
      familyId: fit.familyIds[row],
      mapX: fit.layout[2 * row],
      outlierScore: fit.outlierScores[row],
    });
    const fresh = Array.from({ length: 40 }, () => model.place('new', blobs.draw(0)));
    const familyOfBlob = fit.familyIds[fit.glitchIds.indexOf(idOf(0))];
    expect(fresh.filter(({ familyId }) => familyId === familyOfBlob).length).toBeGreaterThan(36);
    for (const { outlierScore, membershipProbability, neighbours } of fresh) {
      expect(outlierScore).toBeGreaterThanOrEqual(0);
      expect(outlierScore).toBeLessThanOrEqual(1);
      expect(membershipProbability).toBeLessThanOrEqual(1);
      expect(neighbours).toHaveLength(5);
      const distances = neighbours.map(({ distance }) => distance);
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
    }
  });

  it('places a glitch as it does alone, whatever else is asked and in whatever order', async () => {
    const model = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const asked = Array.from({ length: 12 }, (_, i) => blobs.draw(i % (N_BLOBS + 1)));
    const alone = await Promise.all(
      asked.map(async (vector, i) =>
        (await ActiveModel.open(snapshotOf(fit), rules, 0)).place(`new-${i}`, vector),
      ),
    );
    const questions = fc.array(fc.tuple(fc.nat({ max: 11 }), fc.boolean()), { maxLength: 25 });
    fc.assert(
      fc.property(questions, (order) => {
        for (const [i, looksAround] of order) {
          // A wide search widens what the index follows, and must not widen it for the next.
          if (looksAround) model.nearestFamilies(asked[i]!, new Set());
          expect(model.place(`new-${i}`, asked[i]!)).toEqual(alone[i]);
        }
      }),
      { seed: 23, numRuns: 25 },
    );
  });

  it('leaves a glitch of no blob unassigned', async () => {
    const model = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const stranger = model.place('new', blobs.draw(N_BLOBS + 5));
    expect(stranger).toMatchObject({ familyId: -1, membershipProbability: 0 });
    // Further out than every member: the fitted tail says how much rarer than one in so many.
    expect(stranger.noveltyPValue).toBeLessThan(1 / (fit.calibrationScores.length + 1));
    expect(stranger.noveltyPValue).toBeGreaterThan(0);
  });

  it('measures how far a glitch is from the members of families', async () => {
    const model = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const vector = blobs.draw(1);
    const members = fit.glitchIds
      .map((glitchId, row) => ({
        glitchId,
        familyId: fit.familyIds[row]!,
        distance: cosineDistance(vector, fit.vectors.subarray(16 * row, 16 * row + 16)),
      }))
      .filter(({ familyId }) => familyId >= 0)
      .sort((a, b) => a.distance - b.distance);
    const near = model.toFamilies('new', vector, { groupSize: 5, watched: new Set() });
    expect(near.nearest).toBeCloseTo(members[0]!.distance, 6);
    expect(near.group).toBeCloseTo(members[4]!.distance, 6);
    expect(model.nearestFamilies(vector, new Set())[0]?.familyId).toBe(members[0]!.familyId);

    // Glitches under watch are no members, so the family all of whose members are is not met.
    const family = members.filter(({ familyId }) => familyId === members[0]!.familyId);
    const watched = new Set(family.map(({ glitchId }) => glitchId));
    const far = model.toFamilies('new', vector, { groupSize: 5, watched });
    const other = members.find(({ familyId }) => familyId !== members[0]!.familyId)!;
    expect(far.nearest).toBeCloseTo(other.distance, 6);
    expect(model.nearestFamilies(vector, watched)[0]?.familyId).toBe(other.familyId);

    // A member of the reference is not its own neighbour.
    const own = model.toFamilies(idOf(8), vectors[8]!, { groupSize: 1, watched: new Set() });
    expect(own.nearest).toBeGreaterThan(0.001);
  });

  it('knows which families are new', async () => {
    const model = await ActiveModel.open(snapshotOf(fit), rules, 0);
    const [{ familyId, memberRows } = { familyId: -1, memberRows: [] }] = fit.families;
    const size = memberRows.length;
    expect(model.family(familyId)).toEqual({ isNew: true, size });
    const later = { ...snapshotOf(fit), modelVersion: 4 };
    const next = await ActiveModel.open(later, rules, 0);
    expect(next.family(familyId)).toEqual({ isNew: false, size });
    expect(model.family(999)).toEqual({ isNew: false, size: 0 });
  });
});

describe('defaultMinDist', () => {
  it('loosens the map of many alone, and a given one holds', async () => {
    expect([10, 299, 300, 50_000].map(defaultMinDist)).toEqual([0, 0, 0.1, 0.1]);
    expect(fit.umapParams.curve).toEqual(findAbParams(1, 0));
    const given = await fitReference(input(inOrder, { params: { ...params, minDist: 0.3 } }));
    expect(given.umapParams.curve).toEqual(findAbParams(1, 0.3));
  });
});

describe('defaultMinSamples', () => {
  it('is half of the smallest family, 3 to 5', () => {
    expect([10, 135, 250, 324, 50_000].map(defaultMinSamples)).toEqual([3, 3, 4, 5, 5]);
  });
});

describe('defaultMinClusterSize', () => {
  it('is half the square root, 5 to 30', () => {
    expect([10, 300, 2_000, 3_600, 50_000].map(defaultMinClusterSize)).toEqual([5, 9, 22, 30, 30]);
  });
});

function withoutTimes({ secondsByStage: _, ...rest }: ModelSnapshot['fit']) {
  return rest;
}

/** hnswlib's bytes come as a Buffer; equal content is what counts. */
function withPlainBytes(fit: ModelSnapshot['fit']): ModelSnapshot['fit'] {
  return { ...fit, indexGraph: Uint8Array.from(fit.indexGraph) };
}
