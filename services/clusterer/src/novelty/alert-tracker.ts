import { type Alert, AlertState, alertIdOf } from '@glitchwatch/proto';
import { type AlertSurroundings, alertMessage, type OpenAlert } from './alert-message.js';
import { connectedTo, distanceToNearest, type NovelGlitch } from './novel-glitch.js';

export const EMERGENT_FAMILY = 'emergent-family';

export interface AlertRules {
  readonly minGroupSize: number;
  /** Candidates remembered. */
  readonly window: number;
  readonly everyMemberUpTo: number;
  readonly updateEveryMs: number;
}

/** Growth that is worth a revision beyond `everyMemberUpTo` members. */
const GROWTH = 1.1;

/** Keeps a revision, which names every member, below the megabyte that a log takes. */
const MAX_MEMBERS = 10_000;

/** Never changed in place, so that a batch that was not committed can be taken back. */
export interface NoveltyState {
  /** Novel glitches in no alert, oldest first. */
  readonly candidates: readonly NovelGlitch[];
  readonly alerts: ReadonlyMap<string, OpenAlert>;
  /** Last revision of every alert that was resolved. */
  readonly resolved: ReadonlyMap<string, number>;
}

export const emptyNoveltyState: NoveltyState = {
  candidates: [],
  alerts: new Map(),
  resolved: new Map(),
};

export interface NoveltySurroundings extends AlertSurroundings {
  /** Cosine distance up to which two glitches are alike. */
  readonly threshold: number;
}

export interface NoveltyStep {
  readonly state: NoveltyState;
  /** Revisions to append, in order. */
  readonly alerts: readonly Alert[];
}

/**
 * An unassigned glitch has arrived. It joins the nearest open alert within the
 * threshold; else, where it is novel, it becomes a candidate, and the candidates
 * that hang together with it raise one alert once they are enough.
 */
export function observe(
  state: NoveltyState,
  glitch: NovelGlitch,
  { isNovel }: { readonly isNovel: boolean },
  rules: AlertRules,
  surroundings: NoveltySurroundings,
): NoveltyStep {
  if (isRemembered(state, glitch.glitchId)) return { state, alerts: [] };
  const open = nearestAlert(state, glitch, surroundings.threshold);
  if (open !== undefined)
    return reported(joinAlert(state, open, glitch, surroundings), open.alertId);
  if (!isNovel) return { state, alerts: [] };

  const next = remember(state, glitch, rules);
  const others = connectedTo([glitch], next.candidates, surroundings.threshold);
  if (others.length + 1 < rules.minGroupSize) return { state: next, alerts: [] };
  const members = next.candidates.filter((one) => one === glitch || others.includes(one));
  return raise(next, members, surroundings);

  function reported(joined: NoveltyState, alertId: string): NoveltyStep {
    const alert = joined.alerts.get(alertId)!;
    return isDue(alert, rules, surroundings.nowMs)
      ? revise(joined, alert, surroundings)
      : { state: joined, alerts: [] };
  }
}

/** A novel glitch that raises nothing by itself: it was there before the model, or before a restart. */
export function remember(
  state: NoveltyState,
  glitch: NovelGlitch,
  rules: AlertRules,
): NoveltyState {
  if (isRemembered(state, glitch.glitchId)) return state;
  return { ...state, candidates: [...state.candidates, glitch].slice(-rules.window) };
}

/** As `observe`, but only for joining, and without a revision: for rebuilding after a restart. */
export function rejoin(
  state: NoveltyState,
  glitch: NovelGlitch,
  threshold: number,
): NoveltyState | undefined {
  if (isRemembered(state, glitch.glitchId)) return undefined;
  const open = nearestAlert(state, glitch, threshold);
  if (open === undefined) return undefined;
  return withAlert(state, { ...open, members: [...open.members, glitch] });
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

export interface PlaceUnderModel {
  readonly familyId: number;
  readonly mapX: number;
  readonly mapY: number;
}

/**
 * A new model is active: an alert most of whose members are in one family is
 * resolved by it, the others stay open at their new place on the map. Candidates
 * begin anew, because p-values do. Doing it twice changes nothing.
 */
export function resolveUnderModel(
  state: NoveltyState,
  placeOf: (glitch: NovelGlitch) => PlaceUnderModel,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const alerts: Alert[] = [];
  const open = new Map<string, OpenAlert>();
  const resolved = new Map(state.resolved);
  for (const alert of state.alerts.values()) {
    const places = alert.members.map(placeOf);
    const moved = {
      ...alert,
      members: alert.members.map((member, i) => {
        const { mapX, mapY } = places[i]!;
        return { ...member, mapX, mapY };
      }),
    };
    const familyId = majorityFamily(places);
    if (familyId === undefined) {
      open.set(alert.alertId, moved);
      continue;
    }
    const last = { ...moved, revision: alert.revision + 1, state: AlertState.ALERT_STATE_RESOLVED };
    alerts.push(alertMessage(last, surroundings, familyId));
    resolved.set(alert.alertId, last.revision);
  }
  return { state: { candidates: [], alerts: open, resolved }, alerts };
}

function majorityFamily(places: readonly PlaceUnderModel[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { familyId } of places) counts.set(familyId, (counts.get(familyId) ?? 0) + 1);
  for (const [familyId, n] of counts) if (familyId >= 0 && n * 2 > places.length) return familyId;
  return undefined;
}

function raise(
  state: NoveltyState,
  members: readonly NovelGlitch[],
  surroundings: AlertSurroundings,
): NoveltyStep {
  const alertId = alertIdOf(EMERGENT_FAMILY, members[0]!.glitchId);
  const alert: OpenAlert = {
    alertId,
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
    state: withAlert({ ...state, candidates }, alert),
    alerts: [alertMessage(alert, surroundings)],
  };
}

function joinAlert(
  state: NoveltyState,
  alert: OpenAlert,
  glitch: NovelGlitch,
  { threshold }: NoveltySurroundings,
): NoveltyState {
  if (alert.members.length >= MAX_MEMBERS) return state;
  const along = connectedTo([glitch], state.candidates, threshold);
  const candidates = state.candidates.filter((candidate) => !along.includes(candidate));
  const members = [...alert.members, ...along, glitch];
  return withAlert({ ...state, candidates }, { ...alert, members });
}

function revise(
  state: NoveltyState,
  alert: OpenAlert,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const revised: OpenAlert = {
    ...alert,
    revision: alert.revision + 1,
    // What an operator has acknowledged or muted stays so.
    state:
      alert.state === AlertState.ALERT_STATE_OPEN ? AlertState.ALERT_STATE_UPDATED : alert.state,
    reportedCount: alert.members.length,
    reportedAtMs: surroundings.nowMs,
  };
  return { state: withAlert(state, revised), alerts: [alertMessage(revised, surroundings)] };
}

function isDue(alert: OpenAlert, rules: AlertRules, nowMs: number): boolean {
  const count = alert.members.length;
  if (count === alert.reportedCount) return false;
  return (
    count <= rules.everyMemberUpTo ||
    count >= alert.reportedCount * GROWTH ||
    nowMs - alert.reportedAtMs >= rules.updateEveryMs
  );
}

function nearestAlert(
  state: NoveltyState,
  glitch: NovelGlitch,
  threshold: number,
): OpenAlert | undefined {
  let nearest: OpenAlert | undefined;
  let within = threshold;
  for (const alert of state.alerts.values()) {
    const distance = distanceToNearest(glitch.vector, alert.members);
    if (distance > within || (nearest !== undefined && distance === within)) continue;
    nearest = alert;
    within = distance;
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
