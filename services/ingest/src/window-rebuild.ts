import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { headerNames, topics } from '@glitchwatch/proto';
import type { Logger } from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';
import {
  dedupeKey,
  emptyCursor,
  isBehind,
  loadCursor,
  type StoredCursor,
} from './dedupe-cursor.js';

export interface RebuildOptions {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly ttlMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Brings the dedupe window up to the end of the log: reads what comes after the
 * cursor that the state store holds, all of the log where it holds none.
 *
 * @returns where the window now ends; less than the end of the log where `signal` aborted.
 */
export async function rebuildWindow(options: RebuildOptions): Promise<StoredCursor> {
  const { log, state, ttlMs, logger, signal } = options;
  // The cursor first: read later, it could be ahead of the ends for no bad reason.
  let cursor = (await loadCursor(state)) ?? emptyCursor;
  const offsets = await log.offsets(topics.triggers);
  const ends = new Map(offsets.map(({ partition, high }) => [partition, high]));
  if (isBehind(ends, cursor.next)) {
    logger.warn('the log ends before the dedupe cursor: it was replaced, reading it anew');
    cursor = { generation: cursor.generation + 1, next: new Map() };
  }
  if (!isBehind(cursor.next, ends)) return cursor;

  let nRecords = 0;
  const startedAt = performance.now();
  const next = new Map(
    offsets.map(({ partition, low }) => [partition, cursor.next.get(partition) ?? low]),
  );
  const from = new Map(next);
  for await (const batch of log.tail({ topic: topics.triggers, from, signal, stopAtEnd: true })) {
    const keys = batch.records.flatMap((record) => {
      const id = glitchIdOfRecord(record);
      return id === undefined ? [] : [dedupeKey(cursor.generation, id)];
    });
    await state.dedupe.addIfAbsent(keys, ttlMs);
    const last = batch.records.at(-1);
    if (last !== undefined) next.set(batch.partition, last.offset + 1n);
    nRecords += batch.records.length;
  }
  if (!signal.aborted) {
    // What retention has removed cannot be read, and need not be.
    for (const [partition, high] of ends)
      if (high > (next.get(partition) ?? 0n)) next.set(partition, high);
  }
  const elapsedMs = Math.round(performance.now() - startedAt);
  logger.info({ records: nRecords, elapsedMs }, 'dedupe window brought up to the end of the log');
  return { generation: cursor.generation, next };
}

function glitchIdOfRecord(record: LogRecord): string | undefined {
  return record.headers[headerNames.eventId] ?? record.key;
}
