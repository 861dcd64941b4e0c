import { type Alert, AlertState, alertIdOf } from '@glitchwatch/proto';
import { isSignal } from '../signal.js';
import { cosineDistance } from '../unit-vector.js';
import {
  type AlarmGate,
  type AlarmRules,
  afterRaising,
  emptyGate,
  permission,
  type WatchKind,
} from './alarm-gate.js';
import { type AlertSurroundings, alertMessage, type OpenAlert } from './alert-message.js';
import { groupFalseAlarmsPerDay } from './group-rarity.js';
import { connectedTo, type NovelGlitch, reachOf, voicesOf } from './novel-glitch.js';
import { isMoreOfYoungFamily } from './young-family.js';

export interface AlertRules {
  /** Glitches that found a group. */
  readonly minGroupSize: number;
  /** As many alike make a family that one can belong to: of a new kind fewer may lie in another by mistake. */
  readonly familyFrom: number;
  /** Candidates remembered. */
  readonly window: number;
  readonly everyMemberUpTo: number;
  readonly updateEveryMs: number;
  /** Of the known population, as many are candidates. */
  readonly candidateShare: number;
  readonly alarms: AlarmRules;
  /** A glitch that was ingested so long before it is watched belongs to a backlog. */
  readonly historicalAfterMs: number;
}

const EMERGENT: WatchKind = 'emergent-family';

/** Growth that is worth a revision beyond `everyMemberUpTo` members. */
const GROWTH = 1.1;

/** Keeps a revision, which names every member, below the megabyte that a log takes. */
const MAX_MEMBERS = 10_000;

/** Never changed in place, so that a batch that was not committed can be taken back. */
export interface NoveltyState {
  /** Glitches that are no ordinary members of a family and in no group's alert, oldest first. */
  readonly candidates: readonly NovelGlitch[];
  /** Of emergent families. */
  readonly alerts: ReadonlyMap<string, OpenAlert>;
  /** Outliers and bursts: nothing else joins them, and no model resolves them. */
  readonly lone: ReadonlyMap<string, OpenAlert>;
  /**
   * Members of the alerts that were open when the model came into force. The model may
   * count them to a family, the watch does not. Members that come later are none of
   * its reference, so this holds until the next model.
   */
  readonly watched: ReadonlySet<string>;
  /** Last revision of every alert that was resolved. */
  readonly resolved: ReadonlyMap<string, number>;
  readonly gate: AlarmGate;
}

export const emptyNoveltyState: NoveltyState = {
  candidates: [],
  alerts: new Map(),
  lone: new Map(),
  watched: new Set(),
  resolved: new Map(),
  gate: emptyGate,
};

export interface NoveltyStep {
  readonly state: NoveltyState;
  /** Revisions to append, in order. */
  readonly alerts: readonly Alert[];
  /** Kinds of alerts that were due, but for the limit of alerts in an hour. */
  readonly withheld?: readonly WatchKind[];
}

/**
 * A glitch has arrived. It joins the open alert nearest to it among those with which
 * it hangs together, whatever family the model gave it: a family may have swallowed
 * the first of a new kind. Else, where it is no ordinary member of a family, it becomes
 * a candidate, and the candidates that hang together with it raise one alert once they
 * are enough, and so many that chance hardly ever puts them together.
 */
export function observe(
  state: NoveltyState,
  glitch: NovelGlitch,
  { isOrdinary }: { readonly isOrdinary: boolean },
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  if (isSignal(glitch.trigger) || isRemembered(state, glitch.glitchId)) {
    return { state, alerts: [] };
  }
  const open = nearestAlert(glitch, state.alerts.values());
  if (open !== undefined) return reported(joinAlert(state, open, glitch), open);
  if (isOrdinary) return { state, alerts: [] };

  const next = remember(state, glitch, rules);
  const others = connectedTo(glitch, next.candidates);
  if (others.length + 1 < rules.minGroupSize) return { state: next, alerts: [] };
  const members = next.candidates.filter((one) => one === glitch || others.includes(one));
  return raise(next, members, rules, surroundings);

  function reported(joined: NoveltyState, before: OpenAlert): NoveltyStep {
    const alert = joined.alerts.get(before.alertId)!;
    // From its first live member on it concerns the present, and whoever is called is called then.
    const isLiveNow = alert.isHistorical !== before.isHistorical;
    return isLiveNow || isDue(alert, rules, surroundings.nowMs)
      ? revise(joined, alert, surroundings)
      : { state: joined, alerts: [] };
  }
}

/** In a family, and not at its outermost rim: such a glitch founds no group. */
export function isOrdinaryMember(
  { familyId, noveltyPValue }: { readonly familyId: number; readonly noveltyPValue: number },
  { candidateShare }: Pick<AlertRules, 'candidateShare'>,
): boolean {
  return familyId >= 0 && noveltyPValue >= candidateShare;
}

/** A candidate that raises nothing by itself: it was there before the model, or before a restart. */
export function remember(
  state: NoveltyState,
  glitch: NovelGlitch,
  rules: AlertRules,
): NoveltyState {
  if (isSignal(glitch.trigger) || isRemembered(state, glitch.glitchId)) return state;
  return { ...state, candidates: [...state.candidates, glitch].slice(-rules.window) };
}

/**
 * As `observe`, but only for joining, and without a revision: for rebuilding after a
 * restart. A revision names every member it had, so only a glitch assigned after the
 * last one can be missing.
 */
export function rejoin(
  state: NoveltyState,
  glitch: NovelGlitch,
  assignedAtMs: number,
): NoveltyState | undefined {
  if (isSignal(glitch.trigger) || isRemembered(state, glitch.glitchId)) return undefined;
  const unreported = [...state.alerts.values()].filter((one) => one.reportedAtMs <= assignedAtMs);
  const open = nearestAlert(glitch, unreported);
  return open === undefined ? undefined : joinAlert(state, open, glitch);
}

/** Revisions held back by the rate limit whose time has come. */
export function reviseDue(
  state: NoveltyState,
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  let next = state;
  const alerts: Alert[] = [];
  for (const alert of state.alerts.values()) {
    if (!isDue(alert, rules, surroundings.nowMs)) continue;
    const step = revise(next, alert, surroundings);
    next = step.state;
    alerts.push(...step.alerts);
  }
  return { state: next, alerts };
}

function raise(
  state: NoveltyState,
  members: readonly NovelGlitch[],
  rules: AlertRules,
  surroundings: AlertSurroundings,
): NoveltyStep {
  if (isMoreOfYoungFamily(members, surroundings)) return { state, alerts: [] };
  const { atMs, arrivals } = surroundings;
  const falsePerDay = groupFalseAlarmsPerDay(members, arrivals, rules.candidateShare);
  const answer = permission(state.gate, rules.alarms, { kind: EMERGENT, falsePerDay, atMs });
  if (answer !== 'raise')
    return { state, alerts: [], withheld: answer === 'too-many' ? [EMERGENT] : [] };
  const alertId = alertIdOf(EMERGENT, members[0]!.glitchId);
  const alert: OpenAlert = {
    kind: EMERGENT,
    alertId,
    falsePerDay,
    isHistorical: members.every(({ isLate }) => isLate),
    // A founder can found again after its first alert was resolved; revisions go on.
    revision: (state.resolved.get(alertId) ?? 0) + 1,
    state: AlertState.ALERT_STATE_OPEN,
    members,
    reportedCount: members.length,
    reportedAtMs: surroundings.nowMs,
  };
  const grouped = new Set(members);
  const candidates = state.candidates.filter((glitch) => !grouped.has(glitch));
  return {
    state: withAlert(
      {
        ...state,
        candidates,
        gate: afterRaising(state.gate, rules.alarms, { kind: EMERGENT, atMs }),
      },
      alert,
    ),
    alerts: [alertMessage(alert, surroundings)],
  };
}

function joinAlert(state: NoveltyState, alert: OpenAlert, glitch: NovelGlitch): NoveltyState {
  if (alert.members.length >= MAX_MEMBERS) return state;
  const along = connectedTo(glitch, state.candidates);
  const candidates = state.candidates.filter((candidate) => !along.includes(candidate));
  const members = [...alert.members, ...along, glitch];
  const isHistorical = alert.isHistorical && glitch.isLate;
  return withAlert({ ...state, candidates }, { ...alert, members, isHistorical });
}

/** The next revision of an open alert. */
export function revise(
  state: NoveltyState,
  alert: OpenAlert,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const revised = revisionOf(alert, surroundings);
  return { state: withAlert(state, revised), alerts: [alertMessage(revised, surroundings)] };
}

export function revisionOf(alert: OpenAlert, { nowMs }: AlertSurroundings): OpenAlert {
  return {
    ...alert,
    revision: alert.revision + 1,
    // What an operator has acknowledged or muted stays so.
    state:
      alert.state === AlertState.ALERT_STATE_OPEN ? AlertState.ALERT_STATE_UPDATED : alert.state,
    reportedCount: alert.members.length,
    reportedAtMs: nowMs,
  };
}

export function isDue(alert: OpenAlert, rules: AlertRules, nowMs: number): boolean {
  const count = alert.members.length;
  if (count === alert.reportedCount) return false;
  return (
    count <= rules.everyMemberUpTo ||
    count >= alert.reportedCount * GROWTH ||
    nowMs - alert.reportedAtMs >= rules.updateEveryMs
  );
}

function nearestAlert(glitch: NovelGlitch, alerts: Iterable<OpenAlert>): OpenAlert | undefined {
  let nearest: OpenAlert | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const alert of alerts) {
    for (const member of voicesOf(alert.members)) {
      const distance = cosineDistance(glitch.vector, member.vector);
      if (distance >= least || distance >= reachOf(glitch, member, 'group')) continue;
      nearest = alert;
      least = distance;
    }
  }
  return nearest;
}

function isRemembered(state: NoveltyState, glitchId: string): boolean {
  const isIt = (glitch: NovelGlitch): boolean => glitch.glitchId === glitchId;
  if (state.candidates.some(isIt)) return true;
  for (const alert of state.alerts.values()) if (alert.members.some(isIt)) return true;
  return false;
}

function withAlert(state: NoveltyState, alert: OpenAlert): NoveltyState {
  return { ...state, alerts: new Map(state.alerts).set(alert.alertId, alert) };
}
