import type { ValueStore } from '../port.js';
import { checkedName } from '../store-key.js';
import type { RedisConnection } from './connection.js';

/**
 * One hash per namespace. Bytes are copied both ways: what goes in waits in the
 * client's queue, and what comes out is a view into the socket's buffer at any
 * offset, on which no Float32Array could stand.
 */
export function createValues(connection: RedisConnection, keyPrefix: string): ValueStore {
  const hashOf = (namespace: string): string =>
    `${keyPrefix}values:${checkedName('namespace', namespace)}`;
  return {
    get: async (namespace, key) => {
      const [hash, field] = [hashOf(namespace), checkedName('key', key)];
      const value = await connection.run((client) => client.hGet(hash, field));
      return value === null ? undefined : new Uint8Array(value);
    },
    set: async (namespace, key, value) => {
      const [hash, field] = [hashOf(namespace), checkedName('key', key)];
      const copy = Buffer.from(value);
      await connection.run((client) => client.hSet(hash, field, copy));
    },
    delete: async (namespace, key) => {
      const [hash, field] = [hashOf(namespace), checkedName('key', key)];
      await connection.run((client) => client.hDel(hash, field));
    },
    entries: async (namespace) => {
      const hash = hashOf(namespace);
      const found = await connection.run((client) => client.hGetAll(hash));
      return Object.entries(found).map(([key, value]) => [key, new Uint8Array(value)] as const);
    },
  };
}
