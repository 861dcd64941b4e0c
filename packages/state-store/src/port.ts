/**
 * Small shared state that speeds things up and may be lost: everything in it can
 * be rebuilt from the event log.
 *
 * Promises that every adapter keeps (test/contract/state-store):
 * - `addIfAbsent` answers true exactly once per key within its time to live, also
 *   when several processes ask at the same moment.
 * - A lease has one holder; each new holder gets a larger fencing token than any
 *   holder before it, across restarts too.
 * - `publish` reaches the subscribers connected at that moment, in order per
 *   channel; nothing is kept for those who are not.
 */
export interface StateStore {
  readonly dedupe: DedupeWindow;
  readonly values: ValueStore;
  readonly leases: Leases;
  readonly fanOut: FanOut;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface DedupeWindow {
  /** For each key: has it been added within its time to live? */
  has(keys: readonly string[]): Promise<boolean[]>;
  /** For each key: true when this call added it. */
  addIfAbsent(keys: readonly string[], ttlMs: number): Promise<boolean[]>;
  /** Takes keys back, for work that failed after it was claimed. */
  remove(keys: readonly string[]): Promise<void>;
}

/** Cursors and hot values by namespace and key. */
export interface ValueStore {
  get(namespace: string, key: string): Promise<Uint8Array | undefined>;
  set(namespace: string, key: string, value: Uint8Array): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
  entries(namespace: string): Promise<readonly (readonly [string, Uint8Array])[]>;
}

export interface Lease {
  readonly name: string;
  readonly fencingToken: bigint;
  /**
   * The store remembers no holder before this one: it is new, or has lost what it held.
   * Then another may believe until its next renewal that the lease is its own.
   */
  readonly isFirst: boolean;
  /** False when the lease has meanwhile gone to somebody else. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface Leases {
  /** Undefined while another holder's lease is valid. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
}

export interface FanOut {
  publish(channel: string, payload: Uint8Array): Promise<void>;
  subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<Subscription>;
}

export interface Subscription {
  close(): Promise<void>;
}
