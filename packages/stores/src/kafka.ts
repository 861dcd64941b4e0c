import type { ConnectionOptions } from 'node:tls';
import { type EventLog, openKafkaEventLog } from '@glitchwatch/event-log';
import type { Logger } from '@glitchwatch/service-kit';
import type { KafkaSettings } from './settings.js';

export function openKafka(settings: KafkaSettings, logger: Logger): Promise<EventLog> {
  const { tls, ...rest } = settings;
  return openKafkaEventLog({
    ...rest,
    ssl: tls === undefined ? false : connectionOptions(tls),
    logger: logger.child({ component: 'event-log' }),
  });
}

function connectionOptions({
  serverName,
  ...pem
}: NonNullable<KafkaSettings['tls']>): ConnectionOptions {
  const given = Object.entries({ ...pem, servername: serverName }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}
