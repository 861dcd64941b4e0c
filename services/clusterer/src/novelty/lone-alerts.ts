import { type Alert, AlertState, alertIdOf } from '@glitchwatch/proto';
import { isSignal } from '../signal.js';
import { afterRaising, permission, type WatchKind } from './alarm-gate.js';
import {
  type AlertSurroundings,
  alertMessage,
  type FamilyRate,
  type OpenAlert,
} from './alert-message.js';
import {
  type AlertRules,
  isDue,
  type NoveltyState,
  type NoveltyStep,
  revisionOf,
} from './alert-tracker.js';
import type { NovelGlitch } from './novel-glitch.js';

/** An outlier stands for a day, unless somebody acknowledges it before. */
const OUTLIER_OPEN_MS = 86_400_000;
/** A burst is over when its family has come as usual for so long. */
const BURST_OVER_MS = 600_000;
const MAX_MEMBERS = 200;

/** A glitch so far out that chance would hardly ever give it; `falsePerDay` says how often. */
export function observeOutlier(
  state: NoveltyState,
  glitch: NovelGlitch,
  falsePerDay: number,
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const alertId = alertIdOf('outlier', glitch.glitchId);
  if (isSignal(glitch.trigger) || state.lone.has(alertId) || state.resolved.has(alertId))
    return { state, alerts: [] };
  return raise(state, { kind: 'outlier', members: [glitch], falsePerDay }, rules, surroundings);
}

/** How a family comes too often at present. */
export interface Burst {
  /** The latest glitches of the family within the window, the newest last. */
  readonly members: readonly NovelGlitch[];
  readonly rate: FamilyRate;
  readonly falsePerDay: number;
}

/** A burst that is open already takes the newest member in. */
export function observeBurst(
  state: NoveltyState,
  { members, rate, falsePerDay }: Burst,
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const newest = members.at(-1);
  if (newest === undefined) return { state, alerts: [] };
  const open = openBurst(state, rate.familyId);
  if (open === undefined)
    return raise(state, { kind: 'burst', members, rate, falsePerDay }, rules, surroundings);
  if (open.members.some(({ glitchId }) => glitchId === newest.glitchId))
    return { state, alerts: [] };
  const joined: OpenAlert = {
    ...open,
    members: [...open.members, newest].slice(-MAX_MEMBERS),
    isHistorical: open.isHistorical && newest.isLate,
  };
  const isNews =
    isDue(joined, rules, surroundings.nowMs) || joined.isHistorical !== open.isHistorical;
  return isNews ? next(state, revisionOf(joined, surroundings), surroundings) : hold(state, joined);
}

export function openBurst(state: NoveltyState, familyId: number): OpenAlert | undefined {
  for (const alert of state.lone.values()) if (alert.rate?.familyId === familyId) return alert;
  return undefined;
}

/** Revisions that were held back, and the end of what has passed. */
export function settleLone(
  state: NoveltyState,
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  let now = state;
  const alerts: Alert[] = [];
  for (const alert of state.lone.values()) {
    const step = isOver(alert, surroundings)
      ? resolve(now, alert, surroundings)
      : isDue(alert, rules, surroundings.nowMs)
        ? next(now, revisionOf(alert, surroundings), surroundings)
        : { state: now, alerts: [] };
    now = step.state;
    alerts.push(...step.alerts);
  }
  return { state: now, alerts };
}

/** The group that `founder` completed is an alert now: its members are outliers no more. */
export function settleOutliersOf(
  state: NoveltyState,
  founder: NovelGlitch,
  surroundings: AlertSurroundings,
): NoveltyStep {
  let now = state;
  const alerts: Alert[] = [];
  for (const { members } of state.alerts.values()) {
    if (!members.some(({ glitchId }) => glitchId === founder.glitchId)) continue;
    for (const { glitchId } of members) {
      const outlier = now.lone.get(alertIdOf('outlier', glitchId));
      if (outlier === undefined) continue;
      const step = resolve(now, outlier, surroundings);
      now = step.state;
      alerts.push(...step.alerts);
    }
  }
  return { state: now, alerts };
}

function isOver({ kind, members, reportedAtMs }: OpenAlert, { nowMs, atMs }: AlertSurroundings) {
  if (kind === 'outlier') return nowMs - reportedAtMs >= OUTLIER_OPEN_MS;
  const lastMs = members.reduce((last, one) => Math.max(last, one.ingestedAtMs), 0);
  return Math.max(atMs - lastMs, nowMs - reportedAtMs) >= BURST_OVER_MS && atMs > lastMs;
}

function raise(
  state: NoveltyState,
  found: {
    readonly kind: WatchKind;
    readonly members: readonly NovelGlitch[];
    readonly falsePerDay: number;
    readonly rate?: FamilyRate;
  },
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const { kind, members, falsePerDay } = found;
  const { atMs, nowMs } = surroundings;
  const answer = permission(state.gate, rules.alarms, { kind, falsePerDay, atMs });
  if (answer !== 'raise')
    return { state, alerts: [], withheld: answer === 'too-many' ? [kind] : [] };
  const alertId = alertIdOf(kind, members[0]!.glitchId);
  const alert: OpenAlert = {
    ...found,
    alertId,
    revision: (state.resolved.get(alertId) ?? 0) + 1,
    state: AlertState.ALERT_STATE_OPEN,
    reportedCount: members.length,
    reportedAtMs: nowMs,
    isHistorical: members.every(({ isLate }) => isLate),
  };
  const gate = afterRaising(state.gate, rules.alarms, { kind, atMs });
  return next({ ...state, gate }, alert, surroundings);
}

function next(state: NoveltyState, alert: OpenAlert, surroundings: AlertSurroundings): NoveltyStep {
  return { state: hold(state, alert).state, alerts: [alertMessage(alert, surroundings)] };
}

function hold(state: NoveltyState, alert: OpenAlert): NoveltyStep {
  const lone = new Map(state.lone).set(alert.alertId, alert);
  return { state: { ...state, lone }, alerts: [] };
}

function resolve(
  state: NoveltyState,
  alert: OpenAlert,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const revision = alert.revision + 1;
  const last = { ...alert, revision, state: AlertState.ALERT_STATE_RESOLVED };
  const lone = new Map(state.lone);
  lone.delete(alert.alertId);
  const resolved = new Map(state.resolved).set(alert.alertId, revision);
  return { state: { ...state, lone, resolved }, alerts: [alertMessage(last, surroundings)] };
}
