import { Alert, Assignment, FamilyEvent, ModelActivated, topics } from '@glitchwatch/proto';
import { GatewayError } from '../errors.js';
import type { LogPlace } from '../read-model/glitch-table.js';

/** A record that subscribers may see, decoded once for all of them. */
export type LogEvent = { readonly topic: string; readonly place: LogPlace } & (
  | { readonly kind: 'assignment'; readonly assignment: Assignment }
  | { readonly kind: 'model'; readonly model: ModelActivated }
  | { readonly kind: 'alert'; readonly alert: Alert }
);

export type LogEventKind = LogEvent['kind'];

export const topicOfKind: Readonly<Record<LogEventKind, string>> = {
  assignment: topics.assignments,
  model: topics.models,
  alert: topics.alerts,
};

interface RecordBytes {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly value: Uint8Array;
}

/** @throws GatewayError `bad_message`, naming topic, partition and offset. */
export function decodeFamilyEvent(record: RecordBytes): FamilyEvent {
  try {
    return FamilyEvent.decode(record.value);
  } catch (error) {
    throw undecodable(record, error);
  }
}

/** @throws GatewayError `bad_message`, naming topic, partition and offset. */
export function decodeLogEvent(record: RecordBytes): LogEvent {
  const { topic } = record;
  const place = { partition: record.partition, offset: record.offset };
  try {
    if (topic === topics.assignments) {
      return { kind: 'assignment', topic, place, assignment: Assignment.decode(record.value) };
    }
    if (topic === topics.models) {
      return { kind: 'model', topic, place, model: ModelActivated.decode(record.value) };
    }
    if (topic === topics.alerts) {
      return { kind: 'alert', topic, place, alert: Alert.decode(record.value) };
    }
  } catch (error) {
    throw undecodable(record, error);
  }
  throw new GatewayError('bad_message', `topic ${topic} carries no events for subscribers`);
}

function undecodable(
  { topic, partition, offset, value }: RecordBytes,
  cause: unknown,
): GatewayError {
  return new GatewayError(
    'bad_message',
    `${topic}/${partition} at ${offset}: expected a ${topic} message, found ${value.length} bytes that do not decode`,
    { cause },
  );
}
