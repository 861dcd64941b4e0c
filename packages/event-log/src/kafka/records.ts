import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { headerBytes } from '../limits.js';
import type { LogRecord, OutgoingRecord } from '../port.js';

/** What Kafka adds to a record, at most, on top of key, value and headers. */
const RECORD_OVERHEAD_BYTES = 64;

/** Upper estimate of a record's bytes on the wire, before compression. */
export function sizeOf(record: OutgoingRecord): number {
  const key = record.key === undefined ? 0 : Buffer.byteLength(record.key);
  return record.value.byteLength + key + headerBytes(record.headers) + RECORD_OVERHEAD_BYTES;
}

/** The partition is always given: a retry must build the very same batches. */
export function toMessage(record: OutgoingRecord, partition: number, nowMs: number): Message {
  const { value, headers } = record;
  return {
    key: record.key ?? null,
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    partition,
    timestamp: String(Math.trunc(record.timestampMs ?? nowMs)),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  };
}

export function toLogRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? undefined : message.key.toString('utf8'),
    // Only another writer leaves the value out (a tombstone).
    value: message.value ?? new Uint8Array(0),
    headers: headersOf(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

function headersOf(headers: IHeaders | undefined): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    // A name used twice comes as an array; the last one counts.
    const one = Array.isArray(value) ? value.at(-1) : value;
    if (one !== undefined) texts[name] = one.toString('utf8');
  }
  return texts;
}

export interface CutLimits {
  readonly maxRecords: number;
  /** Of the values together; one larger record comes alone. */
  readonly maxBytes: number;
}

/** Cuts what one fetch brought into batches for a handler. */
export function* cutRecords(
  records: readonly LogRecord[],
  { maxRecords, maxBytes }: CutLimits,
): Generator<LogRecord[]> {
  let cut: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.value.byteLength;
    if (cut.length > 0 && (cut.length >= maxRecords || bytes + size > maxBytes)) {
      yield cut;
      cut = [];
      bytes = 0;
    }
    cut.push(record);
    bytes += size;
  }
  if (cut.length > 0) yield cut;
}
