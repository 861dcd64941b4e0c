import type { EventLog } from '@glitchwatch/event-log';
import { type Logger, ServiceError } from '@glitchwatch/service-kit';
import type { KafkaSettings } from './settings.js';

export async function openKafka({ brokers }: KafkaSettings, _logger: Logger): Promise<EventLog> {
  throw new ServiceError('unimplemented', `No Kafka adapter for ${brokers.join(', ')}`);
}
