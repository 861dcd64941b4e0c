import { Assignment, ModelActivated } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { ReadModel } from './read-model.js';

const nowMs = 10_000_000_000;
const idOf = (n: number): string => n.toString(16).padStart(32, '0');

function assignmentOf(n: number, familyId: number, modelVersion: number): Assignment {
  return Assignment.fromPartial({
    glitchId: idOf(n),
    familyId,
    modelVersion,
    trigger: { ifo: 'H1' },
    ingestedAtMs: BigInt(nowMs - n * 60_000),
  });
}

/** Family id, count and arrivals within the hour, by family id. */
function board(model: ReadModel): number[][] {
  return model.families
    .list(nowMs)
    .map(({ family, count, lastHour }) => [family.familyId, count, lastHour])
    .sort((a, b) => a[0]! - b[0]!);
}

function modelWith(families: readonly number[], maxGlitches = 100): ReadModel {
  const model = new ReadModel({ maxGlitches, maxAlerts: 10, maxLabels: 10, maxPersonLabels: 10 });
  const list = families.map((familyId) => ({ familyId }));
  model.applyModel(ModelActivated.fromPartial({ modelVersion: 1, families: list }));
  return model;
}

describe('ReadModel', () => {
  it('moves a glitch and its arrival with a refit, whatever comes twice or late', () => {
    const model = modelWith([0, 1]);
    const place = { partition: 0, offset: 0n };
    expect(model.applyAssignment(assignmentOf(1, 0, 1), place)).toBe('first');
    expect(model.applyAssignment(assignmentOf(90, 0, 1), place)).toBe('first');
    expect(board(model)).toEqual([
      [0, 2, 1],
      [1, 0, 0],
    ]);
    expect(model.applyAssignment(assignmentOf(1, 1, 2), place)).toBe('moved');
    expect(model.applyAssignment(assignmentOf(1, 1, 2), place)).toBe('duplicate');
    expect(model.applyAssignment(assignmentOf(1, 0, 1), place)).toBe('stale');
    expect(board(model)).toEqual([
      [0, 1, 0],
      [1, 1, 1],
    ]);
  });

  it('counts a glitch that comes days late at its own time', () => {
    const model = modelWith([0]);
    const place = { partition: 0, offset: 0n };
    const peakMs = Date.parse('2023-12-25T19:54:54.348Z');
    const late = Assignment.fromPartial({
      ...assignmentOf(1, 0, 1),
      trigger: { ifo: 'H1', peakGpsNs: 1_387_569_312_348_000_000n },
      ingestedAtMs: BigInt(peakMs + 3 * 86_400_000),
    });
    model.applyAssignment(late, place);
    const [family] = model.families.list(peakMs + 3 * 86_400_000);
    expect(family).toMatchObject({ count: 1, lastHour: 0 });
    expect(family?.lastSeenMs).toBe(peakMs);
    expect(model.families.list(peakMs + 60_000)[0]?.lastHour).toBe(1);
  });

  it('ignores a model that comes twice or from a deposed leader', () => {
    const model = modelWith([0]);
    const activate = (modelVersion: number, token: bigint): boolean =>
      model.applyModel(ModelActivated.fromPartial({ modelVersion, fencingToken: token }));
    expect(activate(2, 9n)).toBe(true);
    expect(activate(2, 9n)).toBe(false);
    expect(activate(2, 10n)).toBe(true);
    expect(activate(3, 9n)).toBe(false);
    expect(activate(3, 10n)).toBe(true);
    expect(model.families.model?.modelVersion).toBe(3);
  });

  it('counts a trigger once, before or after its assignment', () => {
    const model = modelWith([0]);
    const place = { partition: 0, offset: 0n };
    model.applyAssignment(assignmentOf(1, 0, 1), place);
    for (const n of [1, 2, 2, 1]) model.applyTrigger(idOf(n), place, nowMs);
    expect(model.glitchesPerMinute(nowMs)).toBe(2);
    expect(model.glitches.nWaiting).toBe(1);
  });

  it('forgets the glitch that came first, in every count', () => {
    const model = modelWith([0], 2);
    for (const n of [1, 2, 3]) {
      model.applyAssignment(assignmentOf(n, 0, 1), { partition: 0, offset: BigInt(n) });
    }
    expect(model.glitches.size).toBe(2);
    expect(model.glitches.rowOf(idOf(1))).toBeUndefined();
    expect(board(model)).toEqual([[0, 2, 2]]);
    expect(model.glitches.snapshot().glitchIds).toEqual([idOf(2), idOf(3)]);
  });

  it('keeps its place in the log beyond 2^31', () => {
    const model = modelWith([0]);
    model.applyTrigger(idOf(1), { partition: 3, offset: 5_000_000_000n }, nowMs);
    const row = model.glitches.rowOf(idOf(1));
    expect(row).toBeDefined();
    expect(model.glitches.triggerPlace(row ?? -1)).toEqual({
      partition: 3,
      offset: 5_000_000_000n,
    });
  });
});
