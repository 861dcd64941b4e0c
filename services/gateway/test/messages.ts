import type { OutgoingRecord } from '@glitchwatch/event-log';
import {
  Alert,
  AlertKind,
  AlertState,
  Assignment,
  AssignmentOrigin,
  Glitch,
  GridEncoding,
  glitchIdOf,
  ModelActivated,
  Trigger,
  topics,
} from '@glitchwatch/proto';
import { encodeGrid, MESSAGE_GRID } from '@glitchwatch/spectrogram';

/** Made-up messages; number n gives one glitch, always the same. */

const firstGpsNs = 1_400_000_000_000_000_000n;

export function triggerOf(n: number, over: Partial<Trigger> = {}): Trigger {
  const ifo = over.ifo ?? (n % 2 === 0 ? 'H1' : 'L1');
  const peakGpsNs = firstGpsNs + BigInt(n) * 1_000_000_000n;
  const glitchId = glitchIdOf({ ifo, peakGpsNs, channel: 'TEST', externalId: '' });
  return Trigger.fromPartial({
    glitchId,
    ifo,
    peakGpsNs,
    channel: 'TEST',
    snr: 8 + n,
    peakFrequencyHz: 100 + n,
    ...over,
  });
}

export function idOf(n: number): string {
  return triggerOf(n).glitchId;
}

/** A glitch with two small pictures: a slope, so that windows differ. */
export function glitchOf(n: number): Glitch {
  const windows = [0.5, 2].map((windowSec) => {
    const data = new Uint8Array(MESSAGE_GRID.nFrequency * MESSAGE_GRID.nTime);
    for (let i = 0; i < data.length; i++) data[i] = (i * windowSec + n) % 256;
    return {
      windowSec,
      ...MESSAGE_GRID,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: Buffer.from(encodeGrid({ ...MESSAGE_GRID, data })),
    };
  });
  return Glitch.fromPartial({ trigger: triggerOf(n), windows, ingestedAtMs: 1n });
}

export interface AssignmentChoice {
  readonly familyId?: number;
  readonly version?: number;
  readonly origin?: AssignmentOrigin;
  readonly noveltyPValue?: number;
  readonly assignedAtMs?: bigint;
  readonly ifo?: string;
  readonly label?: string;
}

export function assignmentOf(n: number, choice: AssignmentChoice = {}): Assignment {
  const trigger = triggerOf(n);
  return Assignment.fromPartial({
    glitchId: trigger.glitchId,
    modelVersion: choice.version ?? 1,
    trigger: {
      ...trigger,
      label: choice.label ?? '',
      ...(choice.ifo === undefined ? {} : { ifo: choice.ifo }),
    },
    familyId: choice.familyId ?? 0,
    membershipProbability: 0.9,
    noveltyPValue: choice.noveltyPValue ?? 0.5,
    mapX: n,
    mapY: -n,
    origin: choice.origin ?? AssignmentOrigin.ASSIGNMENT_ORIGIN_LIVE,
    neighbours: [{ glitchId: idOf(n + 1), distance: 0.01, familyId: 0 }],
    ingestedAtMs: 1n,
    assignedAtMs: choice.assignedAtMs ?? 2n,
  });
}

export function modelOf(version: number, familyIds: readonly number[] = [0, 1]): ModelActivated {
  return ModelActivated.fromPartial({
    modelVersion: version,
    nReference: 10n,
    activatedAtMs: 5n,
    families: familyIds.map((familyId) => ({ familyId, exemplarGlitchIds: [idOf(familyId)] })),
  });
}

export function alertOf(revision: number, over: Partial<Alert> = {}): Alert {
  return Alert.fromPartial({
    alertId: 'ab'.repeat(16),
    revision,
    kind: AlertKind.ALERT_KIND_EMERGENT_FAMILY,
    state: AlertState.ALERT_STATE_OPEN,
    summary: `revision ${revision}`,
    count: BigInt(revision),
    membersByIfo: { H1: 3n },
    updatedAtMs: BigInt(revision),
    ...over,
  });
}

export function glitchRecord(n: number, timestampMs?: number): OutgoingRecord {
  return {
    topic: topics.triggers,
    key: idOf(n),
    value: Glitch.encode(glitchOf(n)).finish(),
    timestampMs,
  };
}

export function assignmentRecord(n: number, choice?: AssignmentChoice): OutgoingRecord {
  const value = Assignment.encode(assignmentOf(n, choice)).finish();
  return { topic: topics.assignments, key: idOf(n), value };
}

export function modelRecord(version: number, familyIds?: readonly number[]): OutgoingRecord {
  const value = ModelActivated.encode(modelOf(version, familyIds)).finish();
  return { topic: topics.models, key: 'model', value };
}

export function alertRecord(revision: number, over?: Partial<Alert>): OutgoingRecord {
  const alert = alertOf(revision, over);
  return { topic: topics.alerts, key: alert.alertId, value: Alert.encode(alert).finish() };
}
