import type { Alert, Assignment } from '@glitchwatch/proto';
import type { ActiveModel } from '../active-model.js';
import type { KnownGlitch } from '../reference-store.js';
import { isSignal } from '../signal.js';
import { begun, type WatchKind } from './alarm-gate.js';
import { MOST_LENIENT } from './alarm-threshold.js';
import type { AlertSurroundings } from './alert-message.js';
import {
  type AlertRules,
  isOrdinaryMember,
  type NoveltyState,
  type NoveltyStep,
  observe,
  remember,
} from './alert-tracker.js';
import type { LiveTally } from './live-tally.js';
import { observeBurst, observeOutlier, openBurst, settleOutliersOf } from './lone-alerts.js';
import { connectedTo, type NovelGlitch } from './novel-glitch.js';
import { surroundingsOf } from './under-model.js';

/** What the watch asks of a model. */
export type WatchModel = Pick<
  ActiveModel,
  'version' | 'nMembers' | 'isReference' | 'isYoung' | 'place' | 'toFamilies' | 'nearestFamilies'
>;

export interface WatchParts {
  readonly model: WatchModel;
  readonly tally: LiveTally;
  readonly rules: AlertRules;
  /** Undefined for a glitch that is not known, or not any more. */
  readonly glitchOf: (glitchId: string) => KnownGlitch | undefined;
  readonly nowMs: number;
}

export type WatchedAssignment = Pick<
  Assignment,
  'glitchId' | 'familyId' | 'noveltyPValue' | 'mapX' | 'mapY'
>;

/** A burst goes on as long as chance gives it less often than that. */
const STILL_A_BURST = 10;
/** Of members that are only shown. */
const UNMEASURED = { nearest: 0, group: 0 };

/**
 * One glitch under the model: a member of the reference is only remembered, a live one
 * can raise or join an alert of any kind. Only the tally is changed in place, where the
 * same glitch counts once however often it comes.
 */
export function watchGlitch(
  state: NoveltyState,
  assignment: WatchedAssignment,
  parts: WatchParts,
): NoveltyStep {
  const { model, tally, rules } = parts;
  const { glitchId, familyId, noveltyPValue } = assignment;
  const known = parts.glitchOf(glitchId);
  if (known === undefined || isSignal(known.trigger)) return { state, alerts: [] };
  const isOrdinary = isOrdinaryMember(assignment, rules);
  if (model.isReference(glitchId)) {
    if (familyId >= 0) return { state, alerts: [] };
    return { state: remember(state, measured(state, assignment, known, parts), rules), alerts: [] };
  }
  tally.take({ glitchId, familyId, atMs: known.ingestedAtMs });
  const alerts: Alert[] = [];
  const withheld: WatchKind[] = [];
  let now = state;
  const take = (step: NoveltyStep): void => {
    now = step.state;
    alerts.push(...step.alerts);
    withheld.push(...(step.withheld ?? []));
  };
  const surroundings = surroundingsIn(parts, () => now.watched);
  const gate = begun(state.gate, surroundings.atMs);
  if (gate !== state.gate) now = { ...state, gate };
  if (!isOrdinary || state.alerts.size > 0) {
    const glitch = measured(now, assignment, known, parts);
    take(observe(now, glitch, { isOrdinary }, rules, surroundings));
    if (now.alerts.size > state.alerts.size) take(settleOutliersOf(now, glitch, surroundings));
  }
  const falsePerDay = tally.perDay * noveltyPValue;
  if (alerts.length === 0 && falsePerDay <= MOST_LENIENT * rules.alarms.wantedPerDay.outlier) {
    const glitch = measured(now, assignment, known, parts);
    // With others like it, in an alert or not yet, it is no longer single.
    if (isSingle(now, glitch)) take(observeOutlier(now, glitch, falsePerDay, rules, surroundings));
  }
  if (familyId >= 0) take(watchRate(now, familyId, parts, surroundings));
  return { state: now, alerts, withheld };
}

export function surroundingsIn(
  { model, tally, nowMs }: Pick<WatchParts, 'model' | 'tally' | 'nowMs'>,
  watched: () => ReadonlySet<string>,
): AlertSurroundings {
  return surroundingsOf(model, tally, watched, nowMs);
}

function watchRate(
  state: NoveltyState,
  familyId: number,
  parts: WatchParts,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const { tally, rules } = parts;
  const nothing = { state, alerts: [] };
  const excess = tally.excessOf(familyId);
  if (excess === undefined) return nothing;
  const isOpen = openBurst(state, familyId) !== undefined;
  const worthALook = isOpen ? STILL_A_BURST : MOST_LENIENT * rules.alarms.wantedPerDay.burst;
  // The cheaper question first: the other one adds up over all families.
  if (excess.perDay > worthALook) return nothing;
  const falsePerDay = tally.excessesPerDay(excess.perDay);
  if (falsePerDay > worthALook) return nothing;
  const members = excess.glitchIds.flatMap((glitchId) => shown(glitchId, parts));
  const rate = { familyId, expectedPerHour: excess.expectedPerHour };
  return observeBurst(state, { members, rate, falsePerDay }, rules, surroundings);
}

/** Neither is another like it a candidate, nor was one just announced. */
function isSingle({ candidates, lone }: NoveltyState, glitch: NovelGlitch): boolean {
  const others = candidates.filter(({ glitchId }) => glitchId !== glitch.glitchId);
  if (others.length === candidates.length) return false;
  for (const { kind, members } of lone.values()) if (kind === 'outlier') others.push(...members);
  return connectedTo(glitch, others).length === 0;
}

function shown(glitchId: string, parts: WatchParts): NovelGlitch[] {
  const known = parts.glitchOf(glitchId);
  if (known === undefined) return [];
  const { mapX, mapY } = parts.model.place(glitchId, known.vector);
  return [{ ...known, mapX, mapY, toFamilies: UNMEASURED, ...arrivalOf(known, parts) }];
}

function measured(
  { watched }: NoveltyState,
  { glitchId, mapX, mapY }: WatchedAssignment,
  known: KnownGlitch,
  parts: WatchParts,
): NovelGlitch {
  const groupSize = parts.rules.familyFrom;
  const toFamilies = parts.model.toFamilies(glitchId, known.vector, { groupSize, watched });
  return { ...known, mapX, mapY, toFamilies, ...arrivalOf(known, parts) };
}

function arrivalOf({ glitchId, ingestedAtMs }: KnownGlitch, parts: WatchParts) {
  const { model, tally, rules, nowMs } = parts;
  return {
    arrival: model.isReference(glitchId) ? -model.nMembers : tally.count,
    isLate: nowMs - ingestedAtMs > rules.historicalAfterMs,
  };
}
