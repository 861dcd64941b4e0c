import type { EventLog } from '@glitchwatch/event-log';
import { type Alert, AlertState, topics } from '@glitchwatch/proto';
import type { ActiveModel } from '../active-model.js';
import { assignmentsUnder, lastRevisions } from '../log-replay.js';
import type { ReferenceStore } from '../reference-store.js';
import { isSignal } from '../signal.js';
import { type AlarmGate, afterRaising, emptyGate } from './alarm-gate.js';
import { kindOf, type OpenAlert } from './alert-message.js';
import {
  type AlertRules,
  isOrdinaryMember,
  type NoveltyState,
  type NoveltyStep,
  rejoin,
  remember,
} from './alert-tracker.js';
import type { LiveTally } from './live-tally.js';
import { recallRates } from './recall-rates.js';
import { idsOf, resolveUnderModel } from './resolution.js';
import { surroundingsOf, toFamilies, verdictOf, watchedGlitch } from './under-model.js';

type ReadableLog = Pick<EventLog, 'offsets' | 'read' | 'lag'>;

export interface RestoreOptions {
  readonly store: ReferenceStore;
  readonly model: ActiveModel;
  readonly rules: AlertRules;
  /** Empty; takes what came live under the model. */
  readonly tally: LiveTally;
  /** Of the watch. */
  readonly groupId: string;
  readonly nowMs: number;
}

/**
 * The novelty watch as far as its group has committed: candidates and open alerts.
 *
 * @returns with what is still to be appended: alerts that the model resolves, where the
 *   log took its activation and not them.
 */
export async function restoreUnderModel(
  log: ReadableLog,
  options: RestoreOptions,
): Promise<NoveltyStep> {
  const { store, model, rules } = options;
  const placeOf = (glitchId: string, vector: Float32Array) => model.place(glitchId, vector);
  const before = await restoreAlerts(log, { store, rules, placeOf });
  const resolution = resolveUnderModel(
    before,
    verdictOf(model, rules),
    surroundingsOf(model, options.tally, () => before.watched, options.nowMs),
  );
  recallRates(options.tally, model, store);
  let { state } = resolution;
  for (const one of await watchedAssignments(log, options))
    state = restoreGlitch(state, one, options);
  return { state, alerts: resolution.alerts };
}

/** The same where there is no model to measure by: enough for the next one to carry on from it. */
export function restoreWithoutModel(
  log: ReadableLog,
  { store, rules }: Pick<RestoreOptions, 'store' | 'rules'>,
): Promise<NoveltyState> {
  return restoreAlerts(log, { store, rules, placeOf: (_glitchId, _vector, alert) => alert });
}

interface WatchedAssignment {
  readonly glitchId: string;
  readonly familyId: number;
  readonly noveltyPValue: number;
  readonly assignedAtMs: number;
}

/** Under the model and below the watch's commit, in the order in which they were given. */
async function watchedAssignments(
  log: ReadableLog,
  { model, groupId }: RestoreOptions,
): Promise<readonly WatchedAssignment[]> {
  const to = new Map<number, bigint>();
  for (const { partition, committed } of await log.lag(groupId, [topics.assignments]))
    if (committed !== undefined) to.set(partition, committed);
  const from = model.snapshot.assignmentOffsets;
  const found: WatchedAssignment[] = [];
  for await (const assignment of assignmentsUnder(log, model.version, { from, to })) {
    const { glitchId, familyId, noveltyPValue, assignedAtMs } = assignment;
    found.push({ glitchId, familyId, noveltyPValue, assignedAtMs: Number(assignedAtMs) });
  }
  return found.sort((a, b) => a.assignedAtMs - b.assignedAtMs);
}

/** As the glitch was watched when it was assigned, but nothing is appended again. */
function restoreGlitch(
  state: NoveltyState,
  { glitchId, familyId, noveltyPValue, assignedAtMs }: WatchedAssignment,
  { store, model, rules, tally }: RestoreOptions,
): NoveltyState {
  const slot = store.slotOf(glitchId);
  if (slot === undefined) return state;
  const isLive = !model.isReference(glitchId);
  const ingestedAtMs = store.ingestedAtMsAt(slot);
  if (isLive && !isSignal(store.triggerAt(slot)))
    tally.take({ glitchId, familyId, atMs: ingestedAtMs });
  const isOrdinary = isLive ? isOrdinaryMember({ familyId, noveltyPValue }, rules) : familyId >= 0;
  if (isOrdinary && (!isLive || state.alerts.size === 0)) return state;
  const place = model.place(glitchId, store.vectorAt(slot));
  const distances = toFamilies(model, store, slot, { rules, watched: state.watched });
  const glitch = watchedGlitch(store, slot, place, distances, {
    arrival: isLive ? tally.count : -model.nMembers,
    isLate: assignedAtMs - ingestedAtMs > rules.historicalAfterMs,
  });
  const joined = isLive ? rejoin(state, glitch, assignedAtMs) : undefined;
  if (joined !== undefined) return joined;
  return isOrdinary ? state : remember(state, glitch, rules);
}

/** Of members of open alerts, which found no group any more. */
const LONG_AGO = { arrival: -1e12, isLate: true };

type PlaceOf = (
  glitchId: string,
  vector: Float32Array,
  alert: Alert,
) => { readonly mapX: number; readonly mapY: number };

async function restoreAlerts(
  log: ReadableLog,
  {
    store,
    rules,
    placeOf,
  }: Pick<RestoreOptions, 'store' | 'rules'> & { readonly placeOf: PlaceOf },
): Promise<NoveltyState> {
  const alerts = new Map<string, OpenAlert>();
  const lone = new Map<string, OpenAlert>();
  let gate: AlarmGate = emptyGate;
  const resolved = new Map<string, number>();
  for (const alert of await lastRevisions(log)) {
    const kind = kindOf(alert.kind);
    // When it was raised is not told; its last glitch came soon after, or it grew since.
    if (kind !== undefined)
      gate = afterRaising(gate, rules.alarms, { kind, atMs: Number(alert.firstSeenMs) });
    if (alert.state === AlertState.ALERT_STATE_RESOLVED) {
      resolved.set(alert.alertId, alert.revision);
      continue;
    }
    const members = alert.memberGlitchIds.flatMap((glitchId) => {
      const slot = store.slotOf(glitchId);
      if (slot === undefined) return [];
      const place = placeOf(glitchId, store.vectorAt(slot), alert);
      // The model in force, or the next one where its snapshot is lost, measures them.
      return [watchedGlitch(store, slot, place, { nearest: 0, group: 0 }, LONG_AGO)];
    });
    // Without a member left there is nothing to compare newcomers with.
    if (members.length === 0) continue;
    const open = {
      kind: kind ?? 'emergent-family',
      alertId: alert.alertId,
      revision: alert.revision,
      state: alert.state,
      members,
      reportedCount: members.length,
      reportedAtMs: Number(alert.updatedAtMs),
      falsePerDay: alert.falseAlarmsPerDay,
      isHistorical: alert.historical,
      rate:
        alert.familyId === undefined
          ? undefined
          : { familyId: alert.familyId, expectedPerHour: alert.expectedPerHour },
    };
    (open.kind === 'emergent-family' ? alerts : lone).set(alert.alertId, open);
  }
  const watched = idsOf([...alerts.values()]);
  return { candidates: [], alerts, lone, watched, resolved, gate };
}
