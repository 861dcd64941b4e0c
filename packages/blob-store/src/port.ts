/**
 * Large immutable values by key: model snapshots and exports.
 *
 * Promises (test/contract/blob-store): a `put` is seen whole or not at all; keys
 * are paths of [A-Za-z0-9._-] parts joined by "/"; `get` of a missing key throws
 * `not_found`.
 */
export interface BlobStore {
  put(key: string, parts: readonly Uint8Array[]): Promise<void>;
  get(key: string): Promise<Uint8Array>;
  /** Keys below a prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>;
  delete(key: string): Promise<void>;
}
