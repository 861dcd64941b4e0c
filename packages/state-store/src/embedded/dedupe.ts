import type { DedupeWindow } from '../port.js';
import { shortName } from '../store-key.js';
import type { Environment } from './environment.js';
import { isLive, type StateTables } from './tables.js';
import type { Writer } from './writer.js';

export function createDedupe(
  environment: Environment,
  tables: StateTables,
  writer: Writer,
  nowMs: () => number,
): DedupeWindow {
  return {
    has: async (keys) => {
      const now = nowMs();
      return environment.read(() => keys.map((key) => isLive(tables, shortName(key), now)));
    },
    addIfAbsent: async (keys, ttlMs) =>
      await writer.run<'add-if-absent'>({
        kind: 'add-if-absent',
        keys: keys.map(shortName),
        ttlMs,
        nowMs: nowMs(),
      }),
    remove: async (keys) => {
      await writer.run({ kind: 'remove-keys', keys: keys.map(shortName) });
    },
  };
}
