import type { EventLog, LogRecord, OutgoingRecord } from '@glitchwatch/event-log';
import { type Alert, AlertState, type Assignment, topics } from '@glitchwatch/proto';
import type { ActiveModel } from './active-model.js';
import type { Assigner } from './assigner.js';
import { alertRecord } from './assignment-record.js';
import { assignmentsUnder, lastRevisions, recordsOf } from './log-replay.js';
import type { OpenAlert } from './novelty/alert-message.js';
import { rejoin, remember, resolveUnderModel } from './novelty/alert-tracker.js';

type ReadableLog = Pick<EventLog, 'offsets' | 'read' | 'lag'>;

/**
 * Embeddings that the group has committed, oldest first: by time of appending,
 * then by partition and offset, so that every restart sees the same order. Only the
 * last `maxGlitches` of each partition: older ones would leave the store again.
 */
export async function committedEmbeddings(
  log: ReadableLog,
  groupId: string,
  maxGlitches: number,
): Promise<LogRecord[]> {
  const to = new Map<number, bigint>();
  const from = new Map<number, bigint>();
  for (const { partition, committed } of await log.lag(groupId, [topics.embeddings])) {
    if (committed === undefined) continue;
    to.set(partition, committed);
    from.set(partition, committed - BigInt(maxGlitches));
  }
  const records: LogRecord[] = [];
  for await (const record of recordsOf(log, topics.embeddings, { from, to })) records.push(record);
  return records.sort(
    (a, b) =>
      a.timestampMs - b.timestampMs || a.partition - b.partition || Number(a.offset - b.offset),
  );
}

/**
 * Takes in what the log says has already been done under the active model: marks
 * on the glitches, candidates and open alerts of the novelty watch.
 *
 * @returns what is still to be appended: alerts that the model resolves, where the
 *   log took its activation and not them.
 */
export async function restoreAssignments(
  log: ReadableLog,
  assigner: Assigner,
  model: ActiveModel,
): Promise<readonly OutgoingRecord[]> {
  restoreAlerts(await lastRevisions(log), assigner, model);
  const resolution = resolveUnderModel(
    assigner.novelty,
    ({ glitchId, vector }) => model.place(glitchId, vector),
    assigner.surroundings(model),
  );
  assigner.novelty = resolution.state;
  const watched: Assignment[] = [];
  const since = model.snapshot.assignmentOffsets;
  for await (const assignment of assignmentsUnder(log, model.version, since)) {
    const { glitchId, familyId } = assignment;
    const mark = { modelVersion: model.version, familyId };
    const slot = assigner.store.slotOf(glitchId);
    if (slot === undefined) assigner.alreadyAssigned.set(glitchId, mark);
    else assigner.store.setMark(slot, mark);
    if (familyId < 0 && slot !== undefined) watched.push(assignment);
  }
  watched.sort((a, b) => Number(a.assignedAtMs - b.assignedAtMs));
  for (const assignment of watched) restoreWatch(assigner, model, assignment.glitchId);
  return resolution.alerts.map(alertRecord);
}

/** As the glitch was watched when it was assigned, but nothing is appended again. */
function restoreWatch(assigner: Assigner, model: ActiveModel, glitchId: string): void {
  const slot = assigner.store.slotOf(glitchId);
  if (slot === undefined) return;
  const placement = model.place(glitchId, assigner.store.vectorAt(slot));
  const glitch = assigner.novelGlitch(slot, placement);
  const joined = placement.isReference
    ? undefined
    : rejoin(assigner.novelty, glitch, model.fit.linkThreshold);
  if (joined !== undefined) assigner.novelty = joined;
  else if (model.isNovel(placement))
    assigner.novelty = remember(assigner.novelty, glitch, assigner.rules);
}

function restoreAlerts(last: readonly Alert[], assigner: Assigner, model: ActiveModel): void {
  const alerts = new Map<string, OpenAlert>();
  const resolved = new Map<string, number>();
  for (const alert of last) {
    if (alert.state === AlertState.ALERT_STATE_RESOLVED) {
      resolved.set(alert.alertId, alert.revision);
      continue;
    }
    const members = alert.memberGlitchIds.flatMap((glitchId) => {
      const slot = assigner.store.slotOf(glitchId);
      if (slot === undefined) return [];
      const place = model.place(glitchId, assigner.store.vectorAt(slot));
      return [assigner.novelGlitch(slot, place)];
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
  assigner.novelty = { candidates: [], alerts, resolved };
}
