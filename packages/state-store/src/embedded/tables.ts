import type { Database } from 'lmdb';
import type { Environment, StoreKey } from './environment.js';

export interface LeaseRow {
  /** Empty after a release. */
  readonly holder: string;
  readonly token: number;
  readonly expiresAtMs: number;
}

export interface StateTables {
  /** ["key", key] -> expiry in ms; ["expiry", ms, key] -> 1, to find the expired ones. */
  readonly dedupe: Database<unknown, StoreKey>;
  /** [namespace, key] -> value. */
  readonly values: Database<Buffer, StoreKey>;
  /** name -> LeaseRow; rows stay after a release, so that tokens grow. */
  readonly leases: Database<unknown, string>;
}

export function openTables(environment: Environment): StateTables {
  return {
    dedupe: environment.json('dedupe'),
    values: environment.binary('values'),
    leases: environment.json<string>('leases'),
  };
}

export function isLive({ dedupe }: StateTables, key: string, nowMs: number): boolean {
  const expiresAtMs = dedupe.get(['key', key]) as number | undefined;
  return expiresAtMs !== undefined && expiresAtMs > nowMs;
}
