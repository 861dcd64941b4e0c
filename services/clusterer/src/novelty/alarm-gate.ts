import { type AlarmThreshold, afterAlarm, alarmLimit, newThreshold } from './alarm-threshold.js';

export type WatchKind = 'emergent-family' | 'outlier' | 'burst';

export interface AlarmRules {
  /** False alarms a day; 0 turns the kind off. */
  readonly wantedPerDay: Readonly<Record<WatchKind, number>>;
  /** No kind raises more alerts than that within an hour, false or not. */
  readonly maxPerHour: number;
}

/** What was raised so far, by kind; never changed in place. */
export interface AlarmGate {
  /** When the first glitch was watched: silence since then counts for a kind that raised nothing yet. */
  readonly beganMs?: number;
  readonly thresholds: ReadonlyMap<WatchKind, AlarmThreshold>;
  /** Moments of the last hour. */
  readonly raisedMs: ReadonlyMap<WatchKind, readonly number[]>;
}

export const emptyGate: AlarmGate = { thresholds: new Map(), raisedMs: new Map() };

/** The gate, begun at `atMs` at the latest. */
export function begun(gate: AlarmGate, atMs: number): AlarmGate {
  return gate.beganMs === undefined ? { ...gate, beganMs: atMs } : gate;
}

export type Permission = 'raise' | 'too-likely' | 'too-many';

const HOUR_MS = 3_600_000;

/**
 * May an alert be raised that chance gives `falsePerDay` times a day? All times are those
 * of the glitches, so that catching up on a backlog raises what living through it would have.
 */
export function permission(
  gate: AlarmGate,
  { wantedPerDay, maxPerHour }: AlarmRules,
  alarm: { readonly kind: WatchKind; readonly falsePerDay: number; readonly atMs: number },
): Permission {
  const { kind, falsePerDay, atMs } = alarm;
  const limit = alarmLimit(thresholdOf(gate, kind), wantedPerDay[kind], atMs);
  if (!(falsePerDay <= limit) || wantedPerDay[kind] === 0) return 'too-likely';
  return withinHour(gate.raisedMs.get(kind), atMs).length < maxPerHour ? 'raise' : 'too-many';
}

export function afterRaising(
  gate: AlarmGate,
  { wantedPerDay }: AlarmRules,
  { kind, atMs }: { readonly kind: WatchKind; readonly atMs: number },
): AlarmGate {
  const threshold = afterAlarm(thresholdOf(gate, kind), wantedPerDay[kind], atMs);
  const raised = [...withinHour(gate.raisedMs.get(kind), atMs), atMs];
  return {
    ...gate,
    thresholds: new Map(gate.thresholds).set(kind, threshold),
    raisedMs: new Map(gate.raisedMs).set(kind, raised),
  };
}

function thresholdOf(
  { thresholds, beganMs }: AlarmGate,
  kind: WatchKind,
): AlarmThreshold | undefined {
  return thresholds.get(kind) ?? (beganMs === undefined ? undefined : newThreshold(beganMs));
}

function withinHour(momentsMs: readonly number[] | undefined, nowMs: number): readonly number[] {
  return (momentsMs ?? []).filter((atMs) => atMs > nowMs - HOUR_MS);
}
