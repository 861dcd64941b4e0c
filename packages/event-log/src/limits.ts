import { EventLogError } from './errors.js';
import type { OutgoingRecord, TopicSpec } from './port.js';

/** Largest value of one record, in bytes: Kafka's usual limit, 1 MiB. */
export const MAX_VALUE_BYTES = 1_048_576;
/** Largest key and headers of one record together, in bytes of UTF-8, on top of the value. */
export const MAX_KEY_AND_HEADER_BYTES = 65_536;

/** Kafka's rule for topic names; group names keep to it too. */
const namePattern = /^[a-zA-Z0-9._-]{1,249}$/;

export function headerBytes(headers: Readonly<Record<string, string>> | undefined): number {
  let bytes = 0;
  if (headers === undefined) return bytes;
  for (const [name, value] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 8;
  }
  return bytes;
}

/** Throws `record_too_large`; the same limits hold in every adapter. */
export function checkRecordSize(record: OutgoingRecord): void {
  const valueBytes = record.value.byteLength;
  if (valueBytes > MAX_VALUE_BYTES) {
    throw new EventLogError(
      'record_too_large',
      `record for ${record.topic} (key ${record.key ?? 'none'}): expected a value of at most ${MAX_VALUE_BYTES} bytes, found ${valueBytes}`,
    );
  }
  const besides = Buffer.byteLength(record.key ?? '') + headerBytes(record.headers);
  if (besides > MAX_KEY_AND_HEADER_BYTES) {
    throw new EventLogError(
      'record_too_large',
      `record for ${record.topic}: expected at most ${MAX_KEY_AND_HEADER_BYTES} bytes of key and headers, found ${besides}`,
    );
  }
}

export function checkName(kind: 'topic' | 'group', name: string): void {
  if (namePattern.test(name) && name !== '.' && name !== '..') return;
  throw new EventLogError(
    'bad_request',
    `${kind} name: expected 1 to 249 of [a-zA-Z0-9._-], found "${name.slice(0, 300)}"`,
  );
}

export function checkTopicSpec(spec: TopicSpec): void {
  checkName('topic', spec.name);
  if (!Number.isInteger(spec.partitions) || spec.partitions < 1 || spec.partitions > 10_000) {
    throw new EventLogError(
      'bad_request',
      `topic ${spec.name}: expected 1 to 10000 partitions, found ${spec.partitions}`,
    );
  }
  if (spec.retentionMs !== undefined && !(spec.retentionMs >= 0)) {
    throw new EventLogError(
      'bad_request',
      `topic ${spec.name}: expected retentionMs >= 0, found ${spec.retentionMs}`,
    );
  }
}
