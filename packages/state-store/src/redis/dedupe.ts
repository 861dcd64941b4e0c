import type { DedupeWindow } from '../port.js';
import { shortName } from '../store-key.js';
import type { RedisConnection } from './connection.js';

/** Keys of one write; a longer list goes in several, one after the other. */
const KEYS_PER_WRITE = 1_000;

/** One string per key, set only where absent; the server forgets it by itself. */
export function createDedupe(connection: RedisConnection, keyPrefix: string): DedupeWindow {
  const keysOf = (names: readonly string[]): string[] =>
    names.map((name) => `${keyPrefix}seen:${shortName(name)}`);
  return {
    has: async (names) =>
      inParts(keysOf(names), (keys) =>
        connection.run((client) =>
          Promise.all(keys.map(async (key) => (await client.exists(key)) === 1)),
        ),
      ),
    addIfAbsent: async (names, ttlMs) => {
      const expiration = { type: 'PX', value: Math.max(1, Math.ceil(ttlMs)) } as const;
      return inParts(keysOf(names), (keys) =>
        connection.run((client) =>
          Promise.all(
            keys.map(
              async (key) => (await client.set(key, '1', { condition: 'NX', expiration })) !== null,
            ),
          ),
        ),
      );
    },
    remove: async (names) => {
      await inParts(keysOf(names), async (keys) => {
        await connection.run((client) => client.unlink(keys));
        return [];
      });
    },
  };
}

async function inParts<T>(
  keys: readonly string[],
  work: (part: string[]) => Promise<T[]>,
): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < keys.length; at += KEYS_PER_WRITE)
    results.push(...(await work(keys.slice(at, at + KEYS_PER_WRITE))));
  return results;
}
