import type { LogRecord } from '@glitchwatch/event-log';
import { ModelActivated } from '@glitchwatch/proto';
import { ClustererError } from './errors.js';

interface Codec<Message> {
  decode(bytes: Uint8Array): Message;
}

/** The message of a record, or why it is none. */
export function decoded<Message>(
  codec: Codec<Message>,
  record: LogRecord,
): Message | ClustererError {
  try {
    return codec.decode(record.value);
  } catch (cause) {
    return new ClustererError(
      'bad_message',
      `${placeOf(record)}: expected a ${record.topic} message, found ${record.value.length} bytes that do not decode`,
      { cause },
    );
  }
}

/** An activation that names its model; bytes of another kind may decode by chance. */
export function activationOf(record: LogRecord): ModelActivated | ClustererError {
  const activation = decoded(ModelActivated, record);
  if (activation instanceof ClustererError) return activation;
  if (activation.modelVersion > 0 && activation.snapshotKey !== '') return activation;
  return new ClustererError(
    'bad_message',
    `${placeOf(record)}: expected a model version and its snapshot, found version ${activation.modelVersion} and snapshot "${activation.snapshotKey.slice(0, 80)}"`,
  );
}

function placeOf({ topic, partition, offset }: LogRecord): string {
  return `${topic}/${partition} at ${offset}`;
}
