import type { EventLog } from '@glitchwatch/event-log';
import { GatewayError } from '../errors.js';
import { decodeCursor, encodeCursor, type Positions } from './cursor.js';
import type { EventHub } from './event-hub.js';
import { decodeLogEvent, type LogEvent, type LogEventKind, topicOfKind } from './events.js';

export interface FeedOptions {
  readonly log: EventLog;
  readonly hub: EventHub;
  readonly kinds: readonly LogEventKind[];
  /** Empty: from now on. "earliest". Or a cursor. */
  readonly cursor: string;
  readonly signal: AbortSignal;
  /** True for what this subscriber wants to see. */
  readonly wants: (event: LogEvent) => boolean;
  /** Hands an event over; `cursor` resumes right after it. */
  readonly deliver: (event: LogEvent, cursor: string) => void;
  /** Resolves when everything delivered has left; history waits here. */
  readonly clear: () => Promise<void>;
  readonly onMapChanged?: () => void;
  /** Told once where it starts; `position` then tells a cursor behind all that was delivered or not wanted. */
  readonly onStart?: (position: () => string) => void;
  /** Told once, when history has ended and events come live. */
  readonly onLive?: () => void;
}

const READ_RECORDS = 256;

/**
 * Gives one subscriber every wanted event from its cursor on: first from the
 * log, at the speed the subscriber reads, then live from the hub. The change is
 * made in one synchronous step when both stand at the same place, so no event is
 * missed or doubled, and per partition the order holds. Resolves when the signal
 * aborts.
 *
 * @throws GatewayError `invalid_cursor` before anything is delivered.
 */
export async function feed(options: FeedOptions): Promise<void> {
  const { log, hub, signal } = options;
  const topics = options.kinds.map((kind) => topicOfKind[kind]);
  const ends = await endsOf(log, topics);
  const next = await startingPositions(options, ends);
  const kinds = new Set(options.kinds);
  options.onStart?.(() => encodeCursor(next));

  for (;;) {
    if (signal.aborted) return;
    const behind = firstBehind(next, hub.positions(topics));
    if (behind === undefined) break;
    await readHistory(options, next, behind);
  }
  const leave = hub.join({
    kinds,
    onEvent: (event) => take(options, next, event),
    ...(options.onMapChanged === undefined ? {} : { onMapChanged: options.onMapChanged }),
  });
  options.onLive?.();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  leave();
}

/**
 * Looks whether `feed` would take a cursor.
 *
 * @throws GatewayError `invalid_cursor`.
 */
export async function checkCursor(
  log: EventLog,
  kinds: readonly LogEventKind[],
  cursor: string,
): Promise<void> {
  decodeCursor(
    cursor,
    await endsOf(
      log,
      kinds.map((kind) => topicOfKind[kind]),
    ),
  );
}

async function startingPositions(
  options: FeedOptions,
  ends: Positions,
): Promise<Map<string, bigint[]>> {
  if (options.cursor === '') return copy(ends);
  if (options.cursor === 'earliest') {
    const starts = new Map<string, bigint[]>();
    for (const topic of ends.keys()) {
      starts.set(
        topic,
        (await options.log.offsets(topic)).map(({ low }) => low),
      );
    }
    return starts;
  }
  return decodeCursor(options.cursor, ends);
}

interface Behind {
  readonly topic: string;
  readonly partition: number;
  readonly until: bigint;
}

function firstBehind(next: Positions, target: Positions): Behind | undefined {
  for (const [topic, offsets] of next) {
    for (let partition = 0; partition < offsets.length; partition++) {
      const until = target.get(topic)?.[partition] ?? 0n;
      if (offsets[partition]! < until) return { topic, partition, until };
    }
  }
  return undefined;
}

async function readHistory(
  options: FeedOptions,
  next: Map<string, bigint[]>,
  { topic, partition, until }: Behind,
): Promise<void> {
  const offsets = next.get(topic)!;
  while (offsets[partition]! < until && !options.signal.aborted) {
    const records = await options.log.read(topic, partition, offsets[partition]!, READ_RECORDS);
    for (const record of records) {
      if (record.offset >= until || options.signal.aborted) break;
      take(options, next, decodeOrSkip(record));
      offsets[partition] = record.offset + 1n;
      await options.clear();
    }
    // Records may have been cleaned away right up to the end.
    const last = records.at(-1);
    if (last === undefined || last.offset >= until) offsets[partition] = until;
  }
}

/** What does not decode was counted and logged by the one reader; a stream goes on without it. */
function decodeOrSkip(record: Parameters<typeof decodeLogEvent>[0]): LogEvent | undefined {
  try {
    return decodeLogEvent(record);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

function take(
  options: FeedOptions,
  next: Map<string, bigint[]>,
  event: LogEvent | undefined,
): void {
  if (event === undefined) return;
  const offsets = next.get(event.topic)!;
  const { partition, offset } = event.place;
  // A cursor from another gateway may be ahead of this one.
  if (offset < offsets[partition]!) return;
  offsets[partition] = offset + 1n;
  if (options.wants(event)) options.deliver(event, encodeCursor(next));
}

async function endsOf(log: EventLog, topics: readonly string[]): Promise<Map<string, bigint[]>> {
  const ends = new Map<string, bigint[]>();
  for (const topic of topics) {
    const partitions = [...(await log.offsets(topic))].sort((a, b) => a.partition - b.partition);
    ends.set(
      topic,
      partitions.map(({ high }) => high),
    );
  }
  return ends;
}

function copy(positions: Positions): Map<string, bigint[]> {
  return new Map([...positions].map(([topic, offsets]) => [topic, [...offsets]]));
}
