import type { Database } from 'lmdb';
import type { DedupeWindow } from '../port.js';
import type { Environment, StoreKey } from './environment.js';
import { shortName } from './store-key.js';

/** Expired keys dropped by each call besides as many as it adds: the store shrinks as it is used. */
const EXTRA_DROPS = 64;

/** Rows: ["key", key] -> expiry in ms; ["expiry", ms, key] finds the expired ones. */
export class EmbeddedDedupe implements DedupeWindow {
  readonly #environment: Environment;
  readonly #rows: Database<unknown, StoreKey>;
  readonly #nowMs: () => number;

  constructor(environment: Environment, nowMs: () => number) {
    this.#environment = environment;
    this.#rows = environment.json('dedupe');
    this.#nowMs = nowMs;
  }

  async has(keys: readonly string[]): Promise<boolean[]> {
    const nowMs = this.#nowMs();
    return this.#environment.read(() => keys.map((key) => this.#isLive(shortName(key), nowMs)));
  }

  async addIfAbsent(keys: readonly string[], ttlMs: number): Promise<boolean[]> {
    return await this.#environment.write(() => {
      const nowMs = this.#nowMs();
      this.#dropExpired(nowMs, keys.length + EXTRA_DROPS);
      return keys.map((full) => {
        const key = shortName(full);
        if (this.#isLive(key, nowMs)) return false;
        this.#remove(key);
        this.#rows.putSync(['key', key], nowMs + ttlMs);
        this.#rows.putSync(['expiry', nowMs + ttlMs, key], 1);
        return true;
      });
    });
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#environment.write(() => {
      for (const key of keys) this.#remove(shortName(key));
    });
  }

  #isLive(key: string, nowMs: number): boolean {
    const expiresAtMs = this.#rows.get(['key', key]) as number | undefined;
    return expiresAtMs !== undefined && expiresAtMs > nowMs;
  }

  #remove(key: string): void {
    const expiresAtMs = this.#rows.get(['key', key]) as number | undefined;
    if (expiresAtMs === undefined) return;
    this.#rows.removeSync(['key', key]);
    this.#rows.removeSync(['expiry', expiresAtMs, key]);
  }

  #dropExpired(nowMs: number, limit: number): void {
    const range = { start: ['expiry', 0], end: ['expiry', nowMs], limit };
    const expired = [...this.#rows.getKeys(range)].map((row) => String(row[2]));
    for (const key of expired) this.#remove(key);
  }
}
