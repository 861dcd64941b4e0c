import type { Database } from 'lmdb';
import type { ValueStore } from '../port.js';
import type { Environment, StoreKey } from './environment.js';
import { checkedName } from './store-key.js';

export class EmbeddedValues implements ValueStore {
  readonly #environment: Environment;
  readonly #rows: Database<Buffer, StoreKey>;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#rows = environment.binary('values');
  }

  async get(namespace: string, key: string): Promise<Uint8Array | undefined> {
    const row = rowOf(namespace, key);
    return this.#environment.read(() => bytesOf(this.#rows.get(row)));
  }

  async set(namespace: string, key: string, value: Uint8Array): Promise<void> {
    const row = rowOf(namespace, key);
    // A copy: the caller may use its array again before the commit.
    const copy = Buffer.from(value);
    await this.#environment.write(() => this.#rows.putSync(row, copy));
  }

  async delete(namespace: string, key: string): Promise<void> {
    const row = rowOf(namespace, key);
    await this.#environment.write(() => this.#rows.removeSync(row));
  }

  async entries(namespace: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const name = checkedName('namespace', namespace);
    return this.#environment.read(() => {
      const found: [string, Uint8Array][] = [];
      for (const { key, value } of this.#rows.getRange({ start: [name] })) {
        if (key[0] !== name) break;
        found.push([String(key[1]), bytesOf(value) ?? new Uint8Array()]);
      }
      return found;
    });
  }
}

function rowOf(namespace: string, key: string): StoreKey {
  return [checkedName('namespace', namespace), checkedName('key', key)];
}

function bytesOf(value: Buffer | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : new Uint8Array(value);
}
