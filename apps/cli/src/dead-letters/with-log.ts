import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog } from '@glitchwatch/event-log';
import { createLogger } from '@glitchwatch/service-kit';
import { openEventLog } from '@glitchwatch/stores';
import { CliError } from '../errors.js';
import { type StoreFlags, storeSettingsOf } from '../stores.js';

/**
 * Runs `work` on the log that the flags name and closes it.
 *
 * @throws CliError `missing_file` where the data folder has no log: a mistyped name
 *   must not make an empty one.
 */
export async function withLog<T>(
  flags: StoreFlags & { readonly logLevel: string },
  work: (log: EventLog) => Promise<T>,
): Promise<T> {
  const settings = await storeSettingsOf(flags);
  if (settings.kafka === undefined && !existsSync(join(settings.dataDir, 'log'))) {
    throw new CliError(
      'missing_file',
      `data folder ${settings.dataDir}: expected an event log in it, found none; --data-dir names another, --kafka a Kafka`,
    );
  }
  const log = await openEventLog(settings, createLogger({ name: 'dlq', level: flags.logLevel }));
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
