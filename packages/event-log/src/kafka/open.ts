import type { EventLog } from '../port.js';
import { KafkaEventLog } from './kafka-event-log.js';
import { checkKafkaOptions, type KafkaEventLogOptions } from './options.js';

/**
 * Opens the log on a Kafka cluster. Throws `bad_request` for an option that does
 * not fit or a refused name or password, `unavailable` when no broker answers
 * within `requestDeadlineMs`.
 */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const log = new KafkaEventLog(checkKafkaOptions(options));
  try {
    await log.connect();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}
