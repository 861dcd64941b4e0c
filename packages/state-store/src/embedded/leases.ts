import type { Database } from 'lmdb';
import type { Lease, Leases } from '../port.js';
import type { Environment, StoreKey } from './environment.js';
import { checkedName } from './store-key.js';

interface LeaseRow {
  /** Empty after a release. */
  readonly holder: string;
  readonly token: number;
  readonly expiresAtMs: number;
}

export class EmbeddedLeases implements Leases {
  readonly #environment: Environment;
  readonly #rows: Database<unknown, StoreKey>;
  readonly #nowMs: () => number;

  constructor(environment: Environment, nowMs: () => number) {
    this.#environment = environment;
    this.#rows = environment.json('leases');
    this.#nowMs = nowMs;
  }

  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    checkedName('lease', name);
    const token = await this.#environment.write(() => {
      const nowMs = this.#nowMs();
      const row = this.#get(name);
      if (row !== undefined && row.holder !== '' && row.holder !== holder) {
        if (row.expiresAtMs > nowMs) return undefined;
      }
      // At least the time: tokens go on growing even where the store was lost.
      const next = Math.max((row?.token ?? 0) + 1, nowMs);
      this.#rows.putSync([name], { holder, token: next, expiresAtMs: nowMs + ttlMs });
      return next;
    });
    if (token === undefined) return undefined;
    return {
      name,
      fencingToken: BigInt(token),
      renew: () => this.#extend(name, token, ttlMs),
      release: () => this.#release(name, token),
    };
  }

  async #extend(name: string, token: number, ttlMs: number): Promise<boolean> {
    return await this.#environment.write(() => {
      const row = this.#get(name);
      if (row === undefined || row.token !== token || row.holder === '') return false;
      this.#rows.putSync([name], { ...row, expiresAtMs: this.#nowMs() + ttlMs });
      return true;
    });
  }

  async #release(name: string, token: number): Promise<void> {
    await this.#environment.write(() => {
      const row = this.#get(name);
      if (row?.token !== token) return;
      // The row stays, so that the next holder's token is larger.
      this.#rows.putSync([name], { holder: '', token, expiresAtMs: 0 });
    });
  }

  #get(name: string): LeaseRow | undefined {
    return this.#rows.get([name]) as LeaseRow | undefined;
  }
}
