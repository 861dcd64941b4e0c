import { mkdir } from 'node:fs/promises';
import { topicLayouts } from '@glitchwatch/proto';
import { createLogger, type Logger } from '@glitchwatch/service-kit';
import {
  openStores as openConfiguredStores,
  type StoreSettings,
  type Stores,
  storeSettingsFromEnvironment,
  storeSettingsSchema,
  storeVariables,
} from '@glitchwatch/stores';
import { requireRoom } from './disk-room.js';
import { CliError } from './errors.js';

export type { Stores } from '@glitchwatch/stores';

/** What `storeOptions` adds to a command. */
export interface StoreFlags {
  readonly dataDir?: string;
  readonly kafka?: string;
  readonly redis?: string;
}

/** The environment with what the flags say instead. */
export function environmentWith({ dataDir, kafka, redis }: StoreFlags): NodeJS.ProcessEnv {
  if (redis !== undefined && /^\w+:\/\/[^/]*@/.test(redis)) {
    throw new CliError(
      'bad_usage',
      '--redis: expected no user or password, which every process of this machine could read; ' +
        'give them as GLITCHWATCH_REDIS_USERNAME and GLITCHWATCH_REDIS_PASSWORD or GLITCHWATCH_REDIS_PASSWORD_FILE',
    );
  }
  return {
    ...process.env,
    ...(dataDir === undefined ? {} : { [storeVariables.dataDir]: dataDir }),
    ...(kafka === undefined ? {} : { [storeVariables.kafkaBrokers]: kafka }),
    ...(redis === undefined ? {} : { [storeVariables.redisUrl]: redis }),
  };
}

/** @throws CliError `bad_usage`; ServiceError `bad_config`. */
export async function storeSettingsOf(flags: StoreFlags): Promise<StoreSettings> {
  return storeSettingsFromEnvironment(environmentWith(flags));
}

/**
 * Opens the stores and makes the topics that are missing.
 *
 * @throws CliError `disk_full`; the errors of the stores.
 */
export async function openStores(settings: StoreSettings, logger: Logger): Promise<Stores> {
  await mkdir(settings.dataDir, { recursive: true });
  await requireRoom(settings.dataDir);
  const stores = await openConfiguredStores(settings, logger);
  try {
    await stores.log.ensureTopics(topicLayouts);
    return stores;
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** Stores of this process alone, in a folder, whatever the environment says. */
export function openWorkStores(dataDir: string): Promise<Stores> {
  const settings = storeSettingsSchema.parse({ dataDir });
  return openStores(settings, createLogger({ name: 'stores', level: 'warn' }));
}
