import {
  type Alert,
  AlertKind,
  AlertState,
  type Assignment,
  AssignmentOrigin,
  type Drift,
  DriftCause,
  type ExplainGlitchResponse,
  type Glitch,
  type ModelActivated,
  type Range,
  type Trigger,
} from '@glitchwatch/proto';
import { isOpen } from '../read-model/alert-book.js';
import type { LiveFamily } from '../read-model/family-board.js';
import type { PersonLabel } from '../read-model/person-labels.js';

/**
 * Messages as the HTTP API shows them: camelCase JSON, null for what is absent,
 * GPS nanoseconds as decimal text (they do not fit a JSON number), counts as
 * numbers.
 */

export function familyView(live: LiveFamily): object {
  const { family } = live;
  return {
    familyId: family.familyId,
    name: family.name,
    count: live.count,
    lastHour: live.lastHour,
    byIfo: Object.fromEntries([...live.membersByIfo].sort()),
    byLabel: counts(family.membersByLabel),
    exemplars: family.exemplarGlitchIds,
    medianPeakFrequencyHz: family.medianPeakFrequencyHz ?? null,
    medianSnr: family.medianSnr ?? null,
    medianDurationSec: family.medianDurationSec ?? null,
    mapX: family.mapX,
    mapY: family.mapY,
    persistence: family.persistence,
    firstModelVersion: family.firstModelVersion,
    firstSeenMs: Number(family.firstSeenMs),
    lastSeenMs: live.lastSeenMs,
  };
}

const alertStates: Readonly<Record<AlertState, string>> = {
  [AlertState.ALERT_STATE_UNSPECIFIED]: 'open',
  [AlertState.ALERT_STATE_OPEN]: 'open',
  [AlertState.ALERT_STATE_UPDATED]: 'updated',
  [AlertState.ALERT_STATE_ACKNOWLEDGED]: 'acknowledged',
  [AlertState.ALERT_STATE_MUTED]: 'muted',
  [AlertState.ALERT_STATE_RESOLVED]: 'resolved',
  [AlertState.UNRECOGNIZED]: 'open',
};

const alertKinds: Readonly<Record<AlertKind, string>> = {
  [AlertKind.ALERT_KIND_UNSPECIFIED]: 'other',
  [AlertKind.ALERT_KIND_EMERGENT_FAMILY]: 'emergent-family',
  [AlertKind.ALERT_KIND_OUTLIER]: 'outlier',
  [AlertKind.ALERT_KIND_BURST]: 'burst',
  [AlertKind.ALERT_KIND_DRIFT]: 'drift',
  [AlertKind.UNRECOGNIZED]: 'other',
};

export function alertView(alert: Alert): object {
  return {
    alertId: alert.alertId,
    revision: alert.revision,
    kind: alertKinds[alert.kind] ?? 'other',
    state: alertStates[alert.state] ?? 'open',
    open: isOpen(alert),
    summary: alert.summary,
    modelVersion: alert.modelVersion,
    count: Number(alert.count),
    exemplars: alert.exemplarGlitchIds,
    members: alert.memberGlitchIds,
    ratePerHour: alert.ratePerHour,
    sinceGpsNs: gpsText(alert.sinceGpsNs),
    firstSeenMs: Number(alert.firstSeenMs),
    lastSeenMs: Number(alert.lastSeenMs),
    updatedAtMs: Number(alert.updatedAtMs),
    nearestFamilies: alert.nearestFamilies.map(({ familyId, distance }) => ({
      familyId,
      distance,
    })),
    peakFrequencyHz: rangeView(alert.peakFrequencyHz),
    durationSec: rangeView(alert.durationSec),
    snr: rangeView(alert.snr),
    byIfo: counts(alert.membersByIfo),
    mapX: alert.mapX,
    mapY: alert.mapY,
    resolvedFamilyId: alert.resolvedFamilyId ?? null,
    historical: alert.historical,
    falseAlarmsPerDay: alert.falseAlarmsPerDay,
    familyId: alert.familyId ?? null,
    expectedPerHour: alert.expectedPerHour,
    drift: alert.drift === undefined ? null : driftView(alert.drift),
  };
}

function driftView({ cause, ...evidence }: Drift): object {
  const isEmbedder = cause === DriftCause.DRIFT_CAUSE_EMBEDDER;
  return { cause: isEmbedder ? 'embedder' : 'detector', ...evidence };
}

export function glitchView(
  glitch: Glitch,
  assignment: Assignment | undefined,
  personLabel: PersonLabel | undefined,
): object {
  return {
    glitchId: glitch.trigger?.glitchId ?? '',
    trigger: triggerView(glitch.trigger),
    windows: glitch.windows.map(({ windowSec }) => windowSec),
    ingestedAtMs: Number(glitch.ingestedAtMs),
    assignment: assignment === undefined ? null : assignmentView(assignment),
    personLabel: personLabel ?? null,
  };
}

export function explanationView(answer: ExplainGlitchResponse): object {
  const { glitchId, modelVersion, familyId, referenceGlitchIds, explanation } = answer;
  return {
    glitchId,
    modelVersion,
    familyId,
    references: referenceGlitchIds,
    embedder: explanation?.embedder ?? '',
    similarity: explanation?.similarity ?? 0,
    windows: explanation?.windows ?? [],
  };
}

function assignmentView(assignment: Assignment): object {
  return {
    ...placementView(assignment),
    outlierScore: assignment.outlierScore,
    origin:
      assignment.origin === AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE ? 'reference' : 'live',
    neighbours: assignment.neighbours.map(({ glitchId, distance, familyId }) => ({
      glitchId,
      distance,
      familyId,
    })),
  };
}

/** What a map needs of an assignment: the event `assignment` of /v1/events. */
export function placementView(assignment: Assignment): object {
  return {
    glitchId: assignment.glitchId,
    ifo: assignment.trigger?.ifo ?? '',
    modelVersion: assignment.modelVersion,
    familyId: assignment.familyId,
    previousFamilyId: assignment.previousFamilyId ?? null,
    probability: assignment.membershipProbability,
    noveltyPValue: assignment.noveltyPValue,
    x: assignment.mapX,
    y: assignment.mapY,
    assignedAtMs: Number(assignment.assignedAtMs),
  };
}

export function modelView(model: ModelActivated): object {
  return {
    modelVersion: model.modelVersion,
    activatedAtMs: Number(model.activatedAtMs),
    nReference: Number(model.nReference),
    nFamilies: model.families.length,
    retiredFamilyIds: model.retiredFamilyIds,
    fitSec: model.fitSec,
  };
}

function triggerView(trigger: Trigger | undefined): object {
  return {
    ifo: trigger?.ifo ?? '',
    peakGpsNs: gpsText(trigger?.peakGpsNs),
    channel: trigger?.channel ?? '',
    externalId: trigger?.externalId ?? '',
    snr: trigger?.snr ?? null,
    peakFrequencyHz: trigger?.peakFrequencyHz ?? null,
    centralFrequencyHz: trigger?.centralFrequencyHz ?? null,
    bandwidthHz: trigger?.bandwidthHz ?? null,
    durationSec: trigger?.durationSec ?? null,
    label: trigger?.label ?? '',
    source: trigger?.source ?? '',
    signalName: trigger?.signalName ?? '',
    dataQuality: trigger?.dataQuality ?? null,
  };
}

function gpsText(gpsNs: bigint | undefined): string | null {
  return gpsNs === undefined ? null : gpsNs.toString();
}

function rangeView(range: Range | undefined): object | null {
  return range === undefined ? null : { min: range.min, median: range.median, max: range.max };
}

function counts(byName: Readonly<Record<string, bigint>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(byName)
      .map(([name, n]) => [name, Number(n)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
