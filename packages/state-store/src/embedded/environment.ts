import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { StateStoreError } from '../errors.js';

/** Address space reserved, the same in every process, so that the map never moves. */
const MAP_BYTES = 2 ** 38;
/** lmdb's numbers for ENOSPC, EDQUOT, EFBIG and a full map. */
const fullCodes: readonly unknown[] = [28, 122, 27, -30792];

export type StoreKey = (string | number)[];

interface Waiting {
  readonly run: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Write transactions on one LMDB folder; all that is asked in one turn is committed as one. */
export class Environment {
  readonly root: RootDatabase;
  readonly #dir: string;
  readonly #queue: Waiting[] = [];
  #scheduled = false;
  #closed = false;

  /** @param durability "synced": a commit is on disk when it returns; "process": it survives this process, not the machine. */
  constructor(dir: string, durability: 'synced' | 'process') {
    this.#dir = dir;
    try {
      mkdirSync(dir, { recursive: true });
      this.root = open({
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

  json(name: string): Database<unknown, StoreKey> {
    return this.root.openDB<unknown, StoreKey>(name, { encoding: 'json' });
  }

  binary<K extends StoreKey | number = StoreKey>(name: string): Database<Buffer, K> {
    return this.root.openDB<Buffer, K>(name, { encoding: 'binary' });
  }

  /** Runs reads on what is committed by now. */
  read<T>(reads: () => T): T {
    this.#checkOpen();
    this.root.resetReadTxn();
    return reads();
  }

  /** Resolves with what `writes` returns once it is committed; `writes` must check before it puts. */
  async write<T>(writes: () => T): Promise<T> {
    this.#checkOpen();
    return await new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        run: () => {
          result = writes();
        },
        resolve: () => resolve(result),
        reject,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#commit(this.#queue.splice(0));
      });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#commit(this.#queue.splice(0));
    await this.root.close();
  }

  #commit(waiting: readonly Waiting[]): void {
    if (waiting.length === 0) return;
    try {
      this.root.transactionSync(() => {
        for (const { run } of waiting) run();
      });
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      // Nothing was kept; those that are not at fault succeed by themselves.
      if (waiting.length > 1) for (const one of waiting) this.#commit([one]);
      else waiting[0]?.reject(this.#told(error));
    }
  }

  #checkOpen(): void {
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
