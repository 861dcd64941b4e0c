import { EventLogError } from './errors.js';
import { headerBytes, MAX_KEY_AND_HEADER_BYTES } from './limits.js';
import type { EventLog, LogRecord, OutgoingRecord, RecordPosition } from './port.js';

/** Topic of what a group could not process: `<topic>.<group>.dlq`. */
export function deadLetterTopicOf(topic: string, groupId: string): string {
  return `${topic}.${groupId}.dlq`;
}

/** What a dead letter carries beside the headers of the record itself. */
export const deadLetterHeaders = {
  code: 'error-code',
  message: 'error-message',
  topic: 'origin-topic',
  partition: 'origin-partition',
  offset: 'origin-offset',
  /** How often the message has failed by now. */
  tries: 'tries',
  /** "true" where the record's own headers (and a long key) did not fit: they stay at the origin. */
  leftAtOrigin: 'left-at-origin',
  /** On a replayed message and on what becomes of it: the dead letter that it was. */
  replayedFrom: 'replayed-from',
} as const;

/** Headers of a replay marker, which stands in the dead-letter topic behind its letter. */
const markerHeaders = { offset: 'replay-of-offset', to: 'replayed-to' } as const;

const MAX_MESSAGE_CHARS = 2000;

/** The record as it came, with the error and its origin in the headers. */
export function deadLetterOf(
  record: LogRecord,
  groupId: string,
  error: { readonly code: string; readonly message: string },
): OutgoingRecord {
  const topic = deadLetterTopicOf(record.topic, groupId);
  const told = {
    [deadLetterHeaders.code]: error.code,
    [deadLetterHeaders.message]: error.message.slice(0, MAX_MESSAGE_CHARS),
    [deadLetterHeaders.topic]: record.topic,
    [deadLetterHeaders.partition]: String(record.partition),
    [deadLetterHeaders.offset]: String(record.offset),
    [deadLetterHeaders.tries]: String(triesOf(record) + 1),
  };
  const headers = { ...record.headers, ...told };
  const keyBytes = Buffer.byteLength(record.key ?? '');
  if (headerBytes(headers) + keyBytes <= MAX_KEY_AND_HEADER_BYTES)
    return { topic, key: record.key, value: record.value, headers };
  // A record already at the limit gives up its own headers, and a key that is nearly as long.
  const short = { ...told, [deadLetterHeaders.leftAtOrigin]: 'true' };
  const key = headerBytes(short) + keyBytes <= MAX_KEY_AND_HEADER_BYTES ? record.key : undefined;
  return { topic, key, value: record.value, headers: short };
}

/** How often a record has failed before, as its header says. */
export function triesOf({ headers }: Pick<LogRecord, 'headers'>): number {
  const text = headers[deadLetterHeaders.tries] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

export interface DeadLetter {
  readonly code: string;
  readonly message: string;
  /** Undefined where the message was refused before it was in the log. */
  readonly origin: RecordPosition | undefined;
  /** How often it has failed. */
  readonly tries: number;
  /** As it stands in the dead-letter topic; key, value and other headers are the original's. */
  readonly record: LogRecord;
}

/** Says that a letter was appended to its origin topic again. */
export interface ReplayMarker {
  /** Of the letter. */
  readonly offset: bigint;
  readonly atMs: number;
  /** Where the message stands now, as "topic/partition/offset". */
  readonly to: string;
}

export type DeadLetterEntry =
  | { readonly kind: 'letter'; readonly letter: DeadLetter }
  | { readonly kind: 'replayed'; readonly marker: ReplayMarker };

/** The marker's record; it is small, so many go in one append. */
export function replayMarkerOf(topic: string, offset: bigint, to: RecordPosition): OutgoingRecord {
  return {
    topic,
    value: new Uint8Array(0),
    headers: { [markerHeaders.offset]: String(offset), [markerHeaders.to]: placeText(to) },
  };
}

export function placeText({ topic, partition, offset }: RecordPosition): string {
  return `${topic}/${partition}/${offset}`;
}

/**
 * Letters and markers of one dead-letter topic in order, from `from` on up to what
 * is the end now. Holds few at a time: a letter may have a megabyte.
 *
 * @throws EventLogError `unknown_topic`; `topic_mismatch` where it has not one partition.
 */
export async function* readDeadLetterTopic(
  log: EventLog,
  topic: string,
  { from = 0n, signal = new AbortController().signal }: ReadDeadLettersOptions = {},
): AsyncGenerator<DeadLetterEntry> {
  const partitions = await log.offsets(topic);
  if (partitions.length !== 1) {
    throw new EventLogError(
      'topic_mismatch',
      `dead-letter topic ${topic}: expected 1 partition, found ${partitions.length}`,
    );
  }
  const tail = { topic, from: new Map([[0, from]]), stopAtEnd: true, maxBatchRecords: 32, signal };
  for await (const { records } of log.tail(tail)) {
    for (const record of records) yield entryOf(record);
  }
}

export interface ReadDeadLettersOptions {
  /** Offset to begin at. */
  readonly from?: bigint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Dead letters of one topic and group, oldest first; none yet: empty. */
export async function listDeadLetters(
  log: EventLog,
  topic: string,
  groupId: string,
  signal?: AbortSignal,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const name = deadLetterTopicOf(topic, groupId);
  try {
    for await (const entry of readDeadLetterTopic(log, name, { signal })) {
      if (entry.kind === 'letter') letters.push(entry.letter);
    }
  } catch (error) {
    if (error instanceof EventLogError && error.code === 'unknown_topic') return [];
    throw error;
  }
  return letters;
}

function entryOf(record: LogRecord): DeadLetterEntry {
  const { headers, timestampMs } = record;
  const code = headers[deadLetterHeaders.code];
  const replayed = headers[markerHeaders.offset];
  // A letter may carry such a header of its own, but it always has an error too.
  if (code === undefined && replayed !== undefined && /^\d{1,19}$/.test(replayed)) {
    const to = headers[markerHeaders.to] ?? '';
    return { kind: 'replayed', marker: { offset: BigInt(replayed), atMs: timestampMs, to } };
  }
  const letter = {
    code: code ?? 'unknown',
    message: headers[deadLetterHeaders.message] ?? '',
    origin: originOf(headers),
    tries: Math.max(1, triesOf(record)),
    record,
  };
  return { kind: 'letter', letter };
}

function originOf(headers: LogRecord['headers']): RecordPosition | undefined {
  const topic = headers[deadLetterHeaders.topic];
  const partition = headers[deadLetterHeaders.partition] ?? '';
  const offset = headers[deadLetterHeaders.offset] ?? '';
  if (topic === undefined || !/^\d{1,9}$/.test(partition) || !/^\d{1,19}$/.test(offset))
    return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}
