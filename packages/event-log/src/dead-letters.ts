import { EventLogError } from './errors.js';
import { headerBytes, MAX_KEY_AND_HEADER_BYTES } from './limits.js';
import type { EventLog, LogRecord, OutgoingRecord, RecordPosition } from './port.js';

/** Topic of what a group could not process: `<topic>.<group>.dlq`. */
export function deadLetterTopicOf(topic: string, groupId: string): string {
  return `${topic}.${groupId}.dlq`;
}

const headerNames = {
  code: 'error-code',
  message: 'error-message',
  topic: 'origin-topic',
  partition: 'origin-partition',
  offset: 'origin-offset',
} as const;

const MAX_MESSAGE_CHARS = 2000;

/** The record as it came, with the error and its origin in the headers. */
export function deadLetterOf(
  record: LogRecord,
  groupId: string,
  error: { readonly code: string; readonly message: string },
): OutgoingRecord {
  const told = {
    [headerNames.code]: error.code,
    [headerNames.message]: error.message.slice(0, MAX_MESSAGE_CHARS),
    [headerNames.topic]: record.topic,
    [headerNames.partition]: String(record.partition),
    [headerNames.offset]: String(record.offset),
  };
  const headers = { ...record.headers, ...told };
  const bytes = headerBytes(headers) + Buffer.byteLength(record.key ?? '');
  return {
    topic: deadLetterTopicOf(record.topic, groupId),
    key: record.key,
    value: record.value,
    // A record already at the limit of headers gives up its own: they stay at the origin.
    headers: bytes <= MAX_KEY_AND_HEADER_BYTES ? headers : told,
  };
}

export interface DeadLetter {
  readonly code: string;
  readonly message: string;
  readonly origin: RecordPosition;
  /** As it stands in the dead-letter topic; key, value and other headers are the original's. */
  readonly record: LogRecord;
}

/** Dead letters of one topic and group, oldest first within a partition; none yet: empty. */
export async function listDeadLetters(
  log: EventLog,
  topic: string,
  groupId: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const name = deadLetterTopicOf(topic, groupId);
  try {
    for await (const batch of log.tail({
      topic: name,
      from: 'earliest',
      stopAtEnd: true,
      signal,
    })) {
      for (const record of batch.records) letters.push(readDeadLetter(record));
    }
  } catch (error) {
    if (error instanceof EventLogError && error.code === 'unknown_topic') return [];
    throw error;
  }
  return letters;
}

function readDeadLetter(record: LogRecord): DeadLetter {
  const { headers } = record;
  return {
    code: headers[headerNames.code] ?? 'unknown',
    message: headers[headerNames.message] ?? '',
    origin: {
      topic: headers[headerNames.topic] ?? record.topic,
      partition: Number(headers[headerNames.partition] ?? 0),
      offset: BigInt(headers[headerNames.offset] ?? 0),
    },
    record,
  };
}
