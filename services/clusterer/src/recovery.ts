import type { EventLog, LogRecord, OutgoingRecord } from '@glitchwatch/event-log';
import { type Alert, AlertState, topics } from '@glitchwatch/proto';
import type { ActiveModel } from './active-model.js';
import type { Assigner } from './assigner.js';
import { alertRecord } from './assignment-record.js';
import { assignmentsUnder, lastRevisions, recordsByTime } from './log-replay.js';
import type { OpenAlert } from './novelty/alert-message.js';
import { rejoin, remember } from './novelty/alert-tracker.js';
import { idsOf, resolveUnderModel } from './novelty/resolution.js';

type ReadableLog = Pick<EventLog, 'offsets' | 'read' | 'lag'>;

/**
 * Embeddings that the group has committed, oldest first. Only the last
 * `maxGlitches` of each partition: older ones would leave the store again.
 */
export async function* committedEmbeddings(
  log: ReadableLog,
  groupId: string,
  maxGlitches: number,
): AsyncGenerator<LogRecord> {
  const to = new Map<number, bigint>();
  const from = new Map<number, bigint>();
  for (const { partition, committed } of await log.lag(groupId, [topics.embeddings])) {
    if (committed === undefined) continue;
    to.set(partition, committed);
    from.set(partition, committed - BigInt(maxGlitches));
  }
  yield* recordsByTime(log, topics.embeddings, { from, to });
}

/**
 * Takes in what the log says has already been done under the active model: marks
 * on the glitches, candidates and open alerts of the novelty watch.
 *
 * @returns what is still to be appended: alerts that the model resolves, where the
 *   log took its activation and not them.
 */
export async function restoreUnderModel(
  log: ReadableLog,
  assigner: Assigner,
  model: ActiveModel,
): Promise<readonly OutgoingRecord[]> {
  const placeOf = (glitchId: string, vector: Float32Array) => model.place(glitchId, vector);
  await restoreAlerts(log, assigner, placeOf);
  const resolution = resolveUnderModel(
    assigner.novelty,
    assigner.verdict(model),
    assigner.surroundings(model),
  );
  assigner.novelty = resolution.state;
  const assigned = await restoreMarks(
    log,
    assigner,
    model.version,
    model.snapshot.assignmentOffsets,
  );
  assigned.sort((a, b) => a.assignedAtMs - b.assignedAtMs);
  for (const one of assigned) restoreWatch(assigner, model, one);
  return resolution.alerts.map(alertRecord);
}

/** The same where the snapshot of the model is lost: enough for the next fit to carry on from it. */
export async function restoreWithoutModel(
  log: ReadableLog,
  assigner: Assigner,
  modelVersion: number,
): Promise<void> {
  await restoreAlerts(log, assigner, (_glitchId, _vector, alert) => alert);
  await restoreMarks(log, assigner, modelVersion, new Map());
}

interface RestoredAssignment {
  readonly glitchId: string;
  readonly familyId: number;
  readonly assignedAtMs: number;
}

async function restoreMarks(
  log: ReadableLog,
  assigner: Assigner,
  modelVersion: number,
  since: ReadonlyMap<number, bigint>,
): Promise<RestoredAssignment[]> {
  const restored: RestoredAssignment[] = [];
  for await (const assignment of assignmentsUnder(log, modelVersion, since)) {
    const { glitchId, familyId } = assignment;
    const mark = { modelVersion, familyId };
    const slot = assigner.store.slotOf(glitchId);
    if (slot === undefined) assigner.alreadyAssigned.set(glitchId, mark);
    else assigner.store.setMark(slot, mark);
    restored.push({ glitchId, familyId, assignedAtMs: Number(assignment.assignedAtMs) });
  }
  return restored;
}

/** As the glitch was watched when it was assigned, but nothing is appended again. */
function restoreWatch(
  assigner: Assigner,
  model: ActiveModel,
  { glitchId, familyId, assignedAtMs }: RestoredAssignment,
): void {
  const slot = assigner.store.slotOf(glitchId);
  if (slot === undefined) return;
  const isLive = !model.isReference(glitchId);
  if (familyId >= 0 && (!isLive || assigner.novelty.alerts.size === 0)) return;
  const placement = model.place(glitchId, assigner.store.vectorAt(slot));
  const glitch = assigner.novelGlitch(slot, placement, assigner.toFamilies(model, slot));
  const joined = isLive ? rejoin(assigner.novelty, glitch, assignedAtMs) : undefined;
  if (joined !== undefined) assigner.novelty = joined;
  else if (familyId < 0) assigner.novelty = remember(assigner.novelty, glitch, assigner.rules);
}

type PlaceOf = (
  glitchId: string,
  vector: Float32Array,
  alert: Alert,
) => { readonly mapX: number; readonly mapY: number };

async function restoreAlerts(
  log: ReadableLog,
  assigner: Assigner,
  placeOf: PlaceOf,
): Promise<void> {
  const { store } = assigner;
  const alerts = new Map<string, OpenAlert>();
  const resolved = new Map<string, number>();
  for (const alert of await lastRevisions(log)) {
    if (alert.state === AlertState.ALERT_STATE_RESOLVED) {
      resolved.set(alert.alertId, alert.revision);
      continue;
    }
    const members = alert.memberGlitchIds.flatMap((glitchId) => {
      const slot = store.slotOf(glitchId);
      if (slot === undefined) return [];
      const place = placeOf(glitchId, store.vectorAt(slot), alert);
      // The model in force, or the next one where its snapshot is lost, measures them.
      return [assigner.novelGlitch(slot, place, { nearest: 0, group: 0 })];
    });
    // Without a member left there is nothing to compare newcomers with.
    if (members.length === 0) continue;
    alerts.set(alert.alertId, {
      alertId: alert.alertId,
      revision: alert.revision,
      state: alert.state,
      members,
      reportedCount: members.length,
      reportedAtMs: Number(alert.updatedAtMs),
    });
  }
  assigner.novelty = {
    candidates: [],
    alerts,
    watched: idsOf([...alerts.values()]),
    resolved,
  };
}
