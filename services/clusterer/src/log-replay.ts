import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Alert, Assignment, type ModelActivated, topics } from '@glitchwatch/proto';
import { activationOf, decoded } from './decoded.js';
import { ClustererError } from './errors.js';
import { inForceAfter } from './fence.js';

const PAGE = 512;

type ReadableLog = Pick<EventLog, 'offsets' | 'read'>;

export interface OffsetRange {
  /** First offset read, by partition; the oldest kept where absent. */
  readonly from?: ReadonlyMap<number, bigint>;
  /** First offset not read, by partition; a partition not named is left out. Absent: to the end. */
  readonly to?: ReadonlyMap<number, bigint>;
}

/** Every record that the topic holds now, partition by partition. */
export async function* recordsOf(
  log: ReadableLog,
  topic: string,
  range: OffsetRange = {},
): AsyncGenerator<LogRecord> {
  for (const records of await partitionsOf(log, topic, range)) yield* records;
}

/**
 * The same records by time of appending, then by partition, so that every replay
 * sees one order; each partition is in order already, so one page of each is held.
 */
export async function* recordsByTime(
  log: ReadableLog,
  topic: string,
  range: OffsetRange = {},
): AsyncGenerator<LogRecord> {
  const partitions = await partitionsOf(log, topic, range);
  const heads = await Promise.all(partitions.map((records) => records.next()));
  for (;;) {
    let first = -1;
    for (const [i, head] of heads.entries()) {
      if (head.done === true) continue;
      const earliest = first < 0 ? undefined : heads[first];
      if (earliest?.done !== false || head.value.timestampMs < earliest.value.timestampMs)
        first = i;
    }
    const next = heads[first];
    if (next === undefined || next.done === true) return;
    yield next.value;
    heads[first] = await partitions[first]!.next();
  }
}

async function partitionsOf(
  log: ReadableLog,
  topic: string,
  range: OffsetRange,
): Promise<AsyncGenerator<LogRecord, undefined>[]> {
  return (await log.offsets(topic)).map(({ partition, low, high }) => {
    const start = range.from?.get(partition) ?? low;
    const end = range.to === undefined ? high : (range.to.get(partition) ?? low);
    return pagesOf(log, topic, partition, start > low ? start : low, end);
  });
}

async function* pagesOf(
  log: ReadableLog,
  topic: string,
  partition: number,
  from: bigint,
  to: bigint,
): AsyncGenerator<LogRecord, undefined> {
  for (let at = from; at < to; ) {
    const page = await log.read(topic, partition, at, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    for (const record of page) if (record.offset < to) yield record;
    at = last.offset + 1n;
  }
}

/**
 * The activation in force at the end of the log. What is none is left out: one bad
 * record must not keep every replica from starting.
 */
export async function newestActivation(
  log: ReadableLog,
  onBad: (error: ClustererError) => void = () => undefined,
): Promise<ModelActivated | undefined> {
  let newest: ModelActivated | undefined;
  for await (const record of recordsOf(log, topics.models)) {
    const activation = activationOf(record);
    if (activation instanceof ClustererError) onBad(activation);
    else newest = inForceAfter(newest, activation);
  }
  return newest;
}

/** Assignments under one model version; `range` spares reading what is older than the model. */
export async function* assignmentsUnder(
  log: ReadableLog,
  modelVersion: number,
  range: OffsetRange,
): AsyncGenerator<Assignment> {
  for await (const record of recordsOf(log, topics.assignments, range)) {
    const assignment = decoded(Assignment, record);
    if (assignment instanceof ClustererError) continue;
    if (assignment.modelVersion === modelVersion) yield assignment;
  }
}

/** The last revision of every alert, in the order in which the alerts were raised. */
export async function lastRevisions(log: ReadableLog): Promise<readonly Alert[]> {
  const alerts = new Map<string, Alert>();
  for await (const record of recordsOf(log, topics.alerts)) {
    const alert = decoded(Alert, record);
    if (alert instanceof ClustererError) continue;
    const known = alerts.get(alert.alertId);
    if (known === undefined || alert.revision > known.revision) alerts.set(alert.alertId, alert);
  }
  return [...alerts.values()];
}

/** The greatest family id that any assignment on the log names; 0 for none. Reads the whole topic. */
export async function greatestFamilyId(log: ReadableLog): Promise<number> {
  let greatest = 0;
  for await (const record of recordsOf(log, topics.assignments)) {
    const assignment = decoded(Assignment, record);
    if (assignment instanceof ClustererError) continue;
    greatest = Math.max(greatest, assignment.familyId);
  }
  return greatest;
}
