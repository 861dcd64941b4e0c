import {
  Alert,
  AlertKind,
  type AlertState,
  type FamilyDistance,
  occurredAtMs,
  type Range,
} from '@glitchwatch/proto';
import { countBy, medianOf, statedValues } from '../trigger-facts.js';
import type { WatchKind } from './alarm-gate.js';
import type { Arrivals } from './group-rarity.js';
import { byTypicality, type NovelGlitch } from './novel-glitch.js';
import { summarySentence } from './summary-sentence.js';

/** A group of novel glitches under watch, a single one, or a burst of a family. */
export interface OpenAlert {
  readonly kind: WatchKind;
  readonly alertId: string;
  readonly revision: number;
  readonly state: AlertState;
  /** In the order in which they joined; the first is the founder. */
  readonly members: readonly NovelGlitch[];
  /** Members at the last revision, and when that was. */
  readonly reportedCount: number;
  readonly reportedAtMs: number;
  /** As many such alerts a day by chance, when it was raised. */
  readonly falsePerDay: number;
  /** No member came live so far. */
  readonly isHistorical: boolean;
  /** Of a burst. */
  readonly rate?: FamilyRate | undefined;
}

export interface FamilyRate {
  readonly familyId: number;
  readonly expectedPerHour: number;
}

export interface AlertSurroundings {
  readonly modelVersion: number;
  readonly nowMs: number;
  /** By the time of the glitches: behind `nowMs` while a backlog is caught up with. */
  readonly atMs: number;
  readonly arrivals: Arrivals;
  /** Nearest families of a unit vector, nearest first. */
  nearestFamilies(vector: Float32Array): FamilyDistance[];
  /** Whether a family has come with this model, beside older ones. */
  isYoung(familyId: number): boolean;
}

const kinds: Readonly<Record<WatchKind, AlertKind>> = {
  'emergent-family': AlertKind.ALERT_KIND_EMERGENT_FAMILY,
  outlier: AlertKind.ALERT_KIND_OUTLIER,
  burst: AlertKind.ALERT_KIND_BURST,
};

export function kindOf(kind: AlertKind): WatchKind | undefined {
  return (Object.keys(kinds) as WatchKind[]).find((one) => kinds[one] === kind);
}

const N_EXEMPLARS = 5;
const HOUR_MS = 3_600_000;

/** The alert with its evidence, as it goes out. */
export function alertMessage(
  alert: OpenAlert,
  surroundings: AlertSurroundings,
  resolvedFamilyId?: number,
): Alert {
  const { members } = alert;
  const typical = byTypicality(members);
  const medoid = typical[0]!;
  const triggers = members.map((member) => member.trigger);
  const seenMs = members.map(({ trigger, ingestedAtMs }) => occurredAtMs(trigger, ingestedAtMs));
  const gpsNs = triggers.flatMap(({ peakGpsNs }) => (peakGpsNs === undefined ? [] : [peakGpsNs]));
  const message = Alert.fromPartial({
    alertId: alert.alertId,
    revision: alert.revision,
    kind: kinds[alert.kind],
    state: alert.state,
    modelVersion: surroundings.modelVersion,
    count: BigInt(members.length),
    exemplarGlitchIds: typical.slice(0, N_EXEMPLARS).map((member) => member.glitchId),
    memberGlitchIds: members.map((member) => member.glitchId),
    // Peak times and ingest times are not to be mixed: days may lie between the two.
    ratePerHour: ratePerHour(
      gpsNs.length === members.length ? seenMs : members.map(({ ingestedAtMs }) => ingestedAtMs),
    ),
    sinceGpsNs: gpsNs.length === 0 ? undefined : gpsNs.reduce((a, b) => (b < a ? b : a)),
    firstSeenMs: BigInt(Math.min(...seenMs)),
    lastSeenMs: BigInt(Math.max(...seenMs)),
    nearestFamilies: surroundings.nearestFamilies(medoid.vector),
    peakFrequencyHz: range(statedValues(triggers, 'peakFrequencyHz')),
    durationSec: range(statedValues(triggers, 'durationSec')),
    snr: range(statedValues(triggers, 'snr')),
    membersByIfo: countBy(triggers, (trigger) => trigger.ifo),
    mapX: medoid.mapX,
    mapY: medoid.mapY,
    resolvedFamilyId,
    historical: alert.isHistorical,
    falseAlarmsPerDay: alert.falsePerDay,
    familyId: alert.rate?.familyId,
    expectedPerHour: alert.rate?.expectedPerHour ?? 0,
    updatedAtMs: BigInt(surroundings.nowMs),
  });
  message.summary = summarySentence(message);
  return message;
}

/** Intervals per hour between the first and the last; 0 where they coincide. */
function ratePerHour(timesMs: readonly number[]): number {
  const spanMs = Math.max(...timesMs) - Math.min(...timesMs);
  return spanMs > 0 ? ((timesMs.length - 1) * HOUR_MS) / spanMs : 0;
}

function range(sorted: Float64Array): Range | undefined {
  const median = medianOf(sorted);
  if (median === undefined) return undefined;
  return { min: sorted[0]!, median, max: sorted[sorted.length - 1]! };
}
