import { SignalKind, Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { assignmentOf } from './assignment-record.js';

const placement = {
  familyId: 7,
  membershipProbability: 0.9,
  outlierScore: 0.1,
  noveltyPValue: 0.5,
  mapX: 1,
  mapY: 2,
  isReference: false,
  neighbours: [],
};

describe('assignmentOf', () => {
  it.each([
    [SignalKind.SIGNAL_KIND_UNSPECIFIED, 7, 0.9],
    [SignalKind.SIGNAL_KIND_HARDWARE_INJECTION, -1, 0],
    [SignalKind.SIGNAL_KIND_KNOWN_EVENT, -1, 0],
  ])('of a trigger with signal %i is in family %i', (signal, familyId, membershipProbability) => {
    const trigger = Trigger.fromPartial({ glitchId: 'a', signal });
    const glitch = { glitchId: 'a', trigger, ingestedAtMs: 0 };
    const assignment = assignmentOf(glitch, placement, { modelVersion: 1, nowMs: 0 });
    expect(assignment).toMatchObject({ familyId, membershipProbability, mapX: 1, mapY: 2 });
  });
});
