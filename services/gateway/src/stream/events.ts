import { Alert, Assignment, ModelActivated, topics } from '@glitchwatch/proto';
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

/** @throws GatewayError `bad_message`, naming topic, partition and offset. */
export function decodeLogEvent(record: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly value: Uint8Array;
}): LogEvent {
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
    throw new GatewayError(
      'bad_message',
      `${topic}/${record.partition} at ${record.offset}: expected a ${topic} message, found ${record.value.length} bytes that do not decode`,
      { cause: error },
    );
  }
  throw new GatewayError('bad_message', `topic ${topic} carries no events for subscribers`);
}
