import type { OutgoingRecord } from '@glitchwatch/event-log';
import {
  Alert,
  Assignment,
  AssignmentOrigin,
  alertEventId,
  assignmentEventId,
  ModelActivated,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';
import type { Placement } from './active-model.js';
import type { KnownGlitch } from './reference-store.js';
import { isSignal } from './signal.js';

export const MODEL_KEY = 'model';

export function assignmentOf(
  glitch: Omit<KnownGlitch, 'vector'>,
  placement: Placement,
  { modelVersion, nowMs }: { readonly modelVersion: number; readonly nowMs: number },
): Assignment {
  const inFamily = !isSignal(glitch.trigger);
  return {
    glitchId: glitch.glitchId,
    modelVersion,
    trigger: glitch.trigger,
    familyId: inFamily ? placement.familyId : -1,
    membershipProbability: inFamily ? placement.membershipProbability : 0,
    outlierScore: placement.outlierScore,
    noveltyPValue: placement.noveltyPValue,
    mapX: placement.mapX,
    mapY: placement.mapY,
    origin: placement.isReference
      ? AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE
      : AssignmentOrigin.ASSIGNMENT_ORIGIN_LIVE,
    neighbours: [...placement.neighbours],
    ingestedAtMs: BigInt(glitch.ingestedAtMs),
    assignedAtMs: BigInt(nowMs),
  };
}

/** Keyed by glitch, so that a glitch keeps its partition from trigger to assignment. */
export function assignmentRecord(assignment: Assignment): OutgoingRecord {
  return {
    topic: topics.assignments,
    key: assignment.glitchId,
    value: Assignment.encode(assignment).finish(),
    headers: messageHeaders(
      'Assignment',
      assignmentEventId(assignment.glitchId, assignment.modelVersion),
    ),
  };
}

export function alertRecord(alert: Alert): OutgoingRecord {
  return {
    topic: topics.alerts,
    key: alert.alertId,
    value: Alert.encode(alert).finish(),
    headers: messageHeaders('Alert', alertEventId(alert.alertId, alert.revision)),
  };
}

export function modelRecord(model: ModelActivated): OutgoingRecord {
  return {
    topic: topics.models,
    key: MODEL_KEY,
    value: ModelActivated.encode(model).finish(),
    headers: messageHeaders('ModelActivated', model.snapshotSha256.slice(0, 32)),
  };
}
