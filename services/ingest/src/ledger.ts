import type { EventLog, LogRecord, RecordPosition } from '@glitchwatch/event-log';
import { headerNames, topics } from '@glitchwatch/proto';
import type { Logger } from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';

import { IngestError } from './errors.js';

const NAMESPACE = 'ingest';
const CURSOR_KEY = 'triggers-cursor';
/** A partition in which others write too leaves gaps; beyond this many the cursor stays put. */
const MAX_AHEAD = 100_000;

export interface LedgerOptions {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly ttlMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Which glitches are in the log: the dedupe window of the state store, kept in
 * step with the log by a cursor. The cursor says up to where every record of the
 * log is in the window, so opening the ledger reads only what came after it: all
 * of the log where the state store is new, the last moments after a crash,
 * nothing after a clean stop.
 */
export interface Ledger {
  /** For each glitch id: is it in the log already? @throws IngestError `state_unavailable`. */
  has(glitchIds: readonly string[]): Promise<boolean[]>;
  /** Call after the records are durable; position i belongs to glitch id i. */
  add(glitchIds: readonly string[], positions: readonly RecordPosition[]): Promise<void>;
  saveCursor(): Promise<void>;
}

interface Cursor {
  /** Counts logs: a log that was replaced by a shorter one invalidates what was seen. */
  readonly generation: number;
  readonly next: Map<number, bigint>;
}

export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { state, ttlMs } = options;
  const cursor = await catchUp(options);
  const ahead = new Map<number, Set<bigint>>();
  const keysOf = (ids: readonly string[]): string[] => ids.map((id) => dedupeKey(cursor, id));
  await saveCursor(state, cursor);
  let hasMoved = false;
  return {
    async has(glitchIds) {
      try {
        return await state.dedupe.has(keysOf(glitchIds));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new IngestError('state_unavailable', `Cannot look for duplicates: ${reason}`, {
          cause,
        });
      }
    },
    async add(glitchIds, positions) {
      await state.dedupe.addIfAbsent(keysOf(glitchIds), ttlMs);
      for (const position of positions) advance(cursor.next, ahead, position);
      hasMoved = true;
    },
    async saveCursor() {
      if (!hasMoved) return;
      hasMoved = false;
      await saveCursor(state, cursor);
    },
  };
}

function dedupeKey({ generation }: Cursor, glitchId: string): string {
  return `${NAMESPACE}/${generation}/${glitchId}`;
}

/** Brings the dedupe window up to the end of the log. */
async function catchUp({ log, state, ttlMs, logger, signal }: LedgerOptions): Promise<Cursor> {
  const offsets = await log.offsets(topics.triggers);
  let cursor = await loadCursor(state);
  const ends = new Map(offsets.map(({ partition, high }) => [partition, high]));
  if ([...cursor.next].some(([partition, next]) => next > (ends.get(partition) ?? 0n))) {
    logger.warn('the log ends before the dedupe cursor: it was replaced, reading it anew');
    cursor = { generation: cursor.generation + 1, next: new Map() };
  }
  const isBehind = offsets.some(({ partition, high }) => (cursor.next.get(partition) ?? 0n) < high);
  if (!isBehind) return cursor;

  let nRecords = 0;
  const startedAt = performance.now();
  const from = new Map(
    offsets.map(({ partition, low }) => [partition, cursor.next.get(partition) ?? low]),
  );
  for await (const batch of log.tail({ topic: topics.triggers, from, signal, stopAtEnd: true })) {
    const keys = batch.records.flatMap((record) => {
      const id = glitchIdOfRecord(record);
      return id === undefined ? [] : [dedupeKey(cursor, id)];
    });
    await state.dedupe.addIfAbsent(keys, ttlMs);
    const last = batch.records.at(-1);
    if (last !== undefined) cursor.next.set(batch.partition, last.offset + 1n);
    nRecords += batch.records.length;
  }
  if (!signal.aborted) {
    for (const [partition, high] of ends) {
      if (high > (cursor.next.get(partition) ?? 0n)) cursor.next.set(partition, high);
    }
  }
  const elapsedMs = Math.round(performance.now() - startedAt);
  logger.info({ records: nRecords, elapsedMs }, 'dedupe window brought up to the end of the log');
  return cursor;
}

function glitchIdOfRecord(record: LogRecord): string | undefined {
  return record.headers[headerNames.eventId] ?? record.key;
}

/** Moves the cursor over records that are contiguous; keeps the others until the gap fills. */
function advance(
  next: Map<number, bigint>,
  ahead: Map<number, Set<bigint>>,
  { partition, offset }: RecordPosition,
): void {
  const waiting = ahead.get(partition) ?? new Set<bigint>();
  ahead.set(partition, waiting);
  if (waiting.size < MAX_AHEAD) waiting.add(offset);
  let end = next.get(partition) ?? 0n;
  while (waiting.delete(end)) end += 1n;
  next.set(partition, end);
}

async function loadCursor(state: StateStore): Promise<Cursor> {
  const bytes = await state.values.get(NAMESPACE, CURSOR_KEY);
  if (bytes === undefined) return { generation: 0, next: new Map() };
  const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    generation: number;
    next: Record<string, string>;
  };
  const next = Object.entries(stored.next).map(
    ([key, value]) => [Number(key), BigInt(value)] as const,
  );
  return { generation: stored.generation, next: new Map(next) };
}

async function saveCursor(state: StateStore, { generation, next }: Cursor): Promise<void> {
  const entries = [...next].map(([partition, offset]) => [String(partition), offset.toString()]);
  const text = JSON.stringify({ generation, next: Object.fromEntries(entries) });
  await state.values.set(NAMESPACE, CURSOR_KEY, Buffer.from(text));
}
