import { EventLogError } from '../errors.js';
import type { LogRecord, OutgoingRecord } from '../port.js';

/**
 * A stored record: version u8, flags u8 (1 = has a key), timestamp f64 ms, key
 * length u32, headers length u32, key UTF-8, headers JSON, value. Big-endian.
 */
const VERSION = 1;
const HAS_KEY = 1;
const FIXED_BYTES = 18;

export interface RecordSlot {
  readonly topicId: number;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** Records that share one buffer, so that they cross to the writer thread without a copy. */
export interface PackedRecords {
  readonly buffer: ArrayBuffer;
  readonly slots: readonly RecordSlot[];
}

export function packRecords(
  records: readonly OutgoingRecord[],
  place: (record: OutgoingRecord) => { readonly topicId: number; readonly partition: number },
  nowMs: number,
): PackedRecords {
  const headerTexts: string[] = [];
  let total = 0;
  for (const record of records) {
    const text = JSON.stringify(record.headers ?? {});
    headerTexts.push(text);
    total += FIXED_BYTES + record.value.byteLength;
    total += Buffer.byteLength(record.key ?? '') + Buffer.byteLength(text);
  }
  const buffer = new ArrayBuffer(total);
  const bytes = Buffer.from(buffer);
  const slots: RecordSlot[] = [];
  let at = 0;
  records.forEach((record, index) => {
    const start = at;
    const key = record.key ?? '';
    const headers = headerTexts[index] ?? '{}';
    const keyBytes = bytes.write(key, start + FIXED_BYTES, 'utf8');
    const headerBytes = bytes.write(headers, start + FIXED_BYTES + keyBytes, 'utf8');
    bytes.writeUInt8(VERSION, start);
    bytes.writeUInt8(record.key === undefined ? 0 : HAS_KEY, start + 1);
    bytes.writeDoubleBE(record.timestampMs ?? nowMs, start + 2);
    bytes.writeUInt32BE(keyBytes, start + 10);
    bytes.writeUInt32BE(headerBytes, start + 14);
    at = start + FIXED_BYTES + keyBytes + headerBytes;
    bytes.set(record.value, at);
    at += record.value.byteLength;
    slots.push({ ...place(record), start, end: at });
  });
  return { buffer, slots };
}

/** Milliseconds since the Unix epoch. */
export function timestampOf(bytes: Buffer): number {
  return bytes.readDoubleBE(2);
}

export function decodeRecord(
  bytes: Buffer,
  topic: string,
  partition: number,
  offset: number,
): LogRecord {
  const where = `${topic}/${partition} at offset ${offset}`;
  if (bytes.length < FIXED_BYTES || bytes[0] !== VERSION) {
    throw new EventLogError(
      'corrupt',
      `${where}: expected a record of format ${VERSION}, found format ${bytes[0]} in ${bytes.length} bytes`,
    );
  }
  const keyBytes = bytes.readUInt32BE(10);
  const headerBytes = bytes.readUInt32BE(14);
  const valueStart = FIXED_BYTES + keyBytes + headerBytes;
  if (valueStart > bytes.length) {
    throw new EventLogError(
      'corrupt',
      `${where}: expected at least ${valueStart} bytes, found ${bytes.length}`,
    );
  }
  const hasKey = (bytes.readUInt8(1) & HAS_KEY) !== 0;
  const headersAt = FIXED_BYTES + keyBytes;
  const headers =
    headerBytes === 2
      ? {}
      : (JSON.parse(bytes.toString('utf8', headersAt, valueStart)) as Record<string, string>);
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: hasKey ? bytes.toString('utf8', FIXED_BYTES, headersAt) : undefined,
    value: new Uint8Array(bytes.buffer, bytes.byteOffset + valueStart, bytes.length - valueStart),
    headers,
    timestampMs: timestampOf(bytes),
  };
}
