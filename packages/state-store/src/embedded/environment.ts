import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { StateStoreError } from '../errors.js';

/** Address space reserved, the same in every process, so that the map never moves. */
const MAP_BYTES = 2 ** 38;
/** lmdb's numbers for ENOSPC, EDQUOT, EFBIG and a full map. */
const fullCodes: readonly unknown[] = [28, 122, 27, -30792];

export type StoreKey = (string | number)[];

/** One thread's handle on one LMDB folder. */
export class Environment {
  readonly #root: RootDatabase;
  readonly #dir: string;
  #closed = false;

  /** @param durability "synced": a commit is on disk when it returns; "process": it survives this process, not the machine. */
  constructor(dir: string, durability: 'synced' | 'process') {
    this.#dir = dir;
    try {
      mkdirSync(dir, { recursive: true });
      this.#root = open({
        path: dir,
        noSubdir: false,
        mapSize: MAP_BYTES,
        maxDbs: 4,
        maxReaders: 512,
        overlappingSync: false,
        noSync: durability === 'process',
        cache: false,
      });
    } catch (error) {
      throw this.#told(error);
    }
  }

  json<K extends StoreKey | string = StoreKey>(name: string): Database<unknown, K> {
    return this.#root.openDB<unknown, K>(name, { encoding: 'json' });
  }

  binary<K extends StoreKey | number = StoreKey>(name: string): Database<Buffer, K> {
    return this.#root.openDB<Buffer, K>(name, { encoding: 'binary' });
  }

  /** Runs reads on what is committed by now. */
  read<T>(reads: () => T): T {
    this.checkOpen();
    this.#root.resetReadTxn();
    return reads();
  }

  /** Runs reads and writes as one transaction. */
  write<T>(writes: () => T): T {
    this.checkOpen();
    try {
      return this.#root.transactionSync(writes);
    } catch (error) {
      throw this.#told(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#root.close();
  }

  checkOpen(): void {
    if (this.#closed) throw new StateStoreError('closed', 'the state store is closed');
  }

  #told(error: unknown): StateStoreError {
    if (error instanceof StateStoreError) return error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return new StateStoreError(
      fullCodes.includes(code) ? 'disk_full' : 'unavailable',
      `state store at ${this.#dir}: ${message}`,
      { cause: error },
    );
  }
}
