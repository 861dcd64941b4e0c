import type { ValueStore } from '../port.js';
import { checkedName } from '../store-key.js';
import type { Environment } from './environment.js';
import type { StateTables } from './tables.js';
import type { Writer } from './writer.js';

export function createValues(
  environment: Environment,
  tables: StateTables,
  writer: Writer,
): ValueStore {
  return {
    get: async (namespace, key) => {
      const row = rowOf(namespace, key);
      return environment.read(() => {
        const value = tables.values.get([row.namespace, row.key]);
        return value === undefined ? undefined : new Uint8Array(value);
      });
    },
    set: async (namespace, key, value) => {
      await writer.run({ kind: 'set-value', ...rowOf(namespace, key), value });
    },
    delete: async (namespace, key) => {
      await writer.run({ kind: 'delete-value', ...rowOf(namespace, key) });
    },
    entries: async (namespace) => {
      const name = checkedName('namespace', namespace);
      return environment.read(() => {
        const found: [string, Uint8Array][] = [];
        for (const { key, value } of tables.values.getRange({ start: [name] })) {
          if (key[0] !== name) break;
          found.push([String(key[1]), new Uint8Array(value)]);
        }
        return found;
      });
    },
  };
}

function rowOf(namespace: string, key: string): { namespace: string; key: string } {
  return { namespace: checkedName('namespace', namespace), key: checkedName('key', key) };
}
