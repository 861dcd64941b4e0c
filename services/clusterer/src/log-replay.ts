import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Alert, Assignment, ModelActivated, topics } from '@glitchwatch/proto';

const PAGE = 512;

/** Every record that the topic holds now, partition by partition, from the given offsets on. */
export async function* recordsOf(
  log: Pick<EventLog, 'offsets' | 'read'>,
  topic: string,
  range: {
    readonly from?: ReadonlyMap<number, bigint>;
    /** First offset not read. */
    readonly to?: ReadonlyMap<number, bigint>;
  } = {},
): AsyncGenerator<LogRecord> {
  for (const { partition, low, high } of await log.offsets(topic)) {
    const start = range.from?.get(partition) ?? low;
    const end = range.to === undefined ? high : (range.to.get(partition) ?? low);
    let at = start > low ? start : low;
    while (at < end) {
      const page = await log.read(topic, partition, at, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      for (const record of page) if (record.offset < end) yield record;
      at = last.offset + 1n;
    }
  }
}

/**
 * The activation in force: the highest version, and of two with the same version
 * the one with the larger fencing token. An activation whose token is smaller than
 * that of an earlier one came from a holder that had lost its lease: it is void.
 */
export async function newestActivation(
  log: Pick<EventLog, 'offsets' | 'read'>,
): Promise<ModelActivated | undefined> {
  let newest: ModelActivated | undefined;
  for await (const record of recordsOf(log, topics.models)) {
    const activated = ModelActivated.decode(record.value);
    if (newest !== undefined && activated.fencingToken < newest.fencingToken) continue;
    if (newest === undefined || activated.modelVersion >= newest.modelVersion) newest = activated;
  }
  return newest;
}

/** Assignments under one model version; `from` spares reading what is older than the model. */
export async function* assignmentsUnder(
  log: Pick<EventLog, 'offsets' | 'read'>,
  modelVersion: number,
  from: ReadonlyMap<number, bigint>,
): AsyncGenerator<Assignment> {
  for await (const record of recordsOf(log, topics.assignments, { from })) {
    const assignment = Assignment.decode(record.value);
    if (assignment.modelVersion === modelVersion) yield assignment;
  }
}

/** The last revision of every alert, in the order in which the alerts were raised. */
export async function lastRevisions(
  log: Pick<EventLog, 'offsets' | 'read'>,
): Promise<readonly Alert[]> {
  const alerts = new Map<string, Alert>();
  for await (const record of recordsOf(log, topics.alerts)) {
    const alert = Alert.decode(record.value);
    const known = alerts.get(alert.alertId);
    if (known === undefined || alert.revision > known.revision) alerts.set(alert.alertId, alert);
  }
  return [...alerts.values()];
}
