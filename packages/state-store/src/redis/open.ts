import type { StateStore } from '../port.js';
import { RedisConnection } from './connection.js';
import { createDedupe } from './dedupe.js';
import { RedisFanOut } from './fan-out.js';
import { createLeases } from './leases.js';
import { type RedisStateStoreOptions, settingsOf } from './options.js';
import { createValues } from './values.js';

/**
 * Opens the state store that many machines share: a Redis server, 6.2 or newer.
 *
 * @throws StateStoreError `bad_request` for options that cannot be, `unavailable`
 *   where the server refuses user, password or database. A server that is away does
 *   not throw, see `openTimeoutMs`.
 */
export async function openRedisStateStore(options: RedisStateStoreOptions): Promise<StateStore> {
  const settings = settingsOf(options);
  const { keyPrefix } = settings;
  const commands = new RedisConnection(settings, 'commands');
  const hearing = new RedisConnection(settings, 'fan-out');
  const close = async (): Promise<void> => {
    await Promise.all([commands.close(), hearing.close()]);
  };
  try {
    await Promise.all([commands.open(), hearing.open()]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    dedupe: createDedupe(commands, keyPrefix),
    values: createValues(commands, keyPrefix),
    leases: createLeases(commands, keyPrefix),
    fanOut: new RedisFanOut(commands, hearing, keyPrefix),
    close,
  };
}
