import { isLive, type LeaseRow, type StateTables } from './tables.js';

/** What the writer thread is asked to do; each is one atomic change. Times come from the caller's clock. */
export type Command =
  | {
      readonly kind: 'add-if-absent';
      readonly keys: readonly string[];
      readonly ttlMs: number;
      readonly nowMs: number;
    }
  | { readonly kind: 'remove-keys'; readonly keys: readonly string[] }
  | {
      readonly kind: 'set-value';
      readonly namespace: string;
      readonly key: string;
      readonly value: Uint8Array;
    }
  | { readonly kind: 'delete-value'; readonly namespace: string; readonly key: string }
  | {
      readonly kind: 'acquire-lease';
      readonly name: string;
      readonly holder: string;
      readonly ttlMs: number;
      readonly nowMs: number;
    }
  | {
      readonly kind: 'renew-lease';
      readonly name: string;
      readonly token: number;
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'release-lease'; readonly name: string; readonly token: number };

export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;

export interface CommandResults {
  'add-if-absent': boolean[];
  'remove-keys': null;
  'set-value': null;
  'delete-value': null;
  /** Undefined while another holds the lease. */
  'acquire-lease': { readonly token: number; readonly isFirst: boolean } | undefined;
  'renew-lease': boolean;
  'release-lease': null;
}

/** Inside a write transaction. */
export function run(tables: StateTables, command: Command): CommandResults[Command['kind']] {
  switch (command.kind) {
    case 'add-if-absent':
      return addIfAbsent(tables, command);
    case 'remove-keys':
      for (const key of command.keys) removeKey(tables, key);
      return null;
    case 'set-value':
      tables.values.putSync([command.namespace, command.key], Buffer.from(command.value));
      return null;
    case 'delete-value':
      tables.values.removeSync([command.namespace, command.key]);
      return null;
    case 'acquire-lease':
      return acquireLease(tables, command);
    case 'renew-lease':
      return renewLease(tables, command);
    case 'release-lease':
      return releaseLease(tables, command);
  }
}

/** Expired keys dropped by each call besides as many as it adds: the store shrinks as it is used. */
const EXTRA_DROPS = 64;

function addIfAbsent(
  tables: StateTables,
  { keys, ttlMs, nowMs }: CommandOf<'add-if-absent'>,
): boolean[] {
  const limit = keys.length + EXTRA_DROPS;
  const range = { start: ['expiry', 0], end: ['expiry', nowMs], limit };
  const expired = [...tables.dedupe.getKeys(range)].map((row) => String(row[2]));
  for (const key of expired) removeKey(tables, key);
  return keys.map((key) => {
    if (isLive(tables, key, nowMs)) return false;
    removeKey(tables, key);
    tables.dedupe.putSync(['key', key], nowMs + ttlMs);
    tables.dedupe.putSync(['expiry', nowMs + ttlMs, key], 1);
    return true;
  });
}

function removeKey({ dedupe }: StateTables, key: string): void {
  const expiresAtMs = dedupe.get(['key', key]) as number | undefined;
  if (expiresAtMs === undefined) return;
  dedupe.removeSync(['key', key]);
  dedupe.removeSync(['expiry', expiresAtMs, key]);
}

function acquireLease(
  { leases }: StateTables,
  { name, holder, ttlMs, nowMs }: CommandOf<'acquire-lease'>,
): CommandResults['acquire-lease'] {
  const row = leases.get(name) as LeaseRow | undefined;
  const isTaken = row !== undefined && row.holder !== '' && row.expiresAtMs > nowMs;
  if (isTaken && row.holder !== holder) return undefined;
  // At least the time: tokens go on growing even where the store was lost.
  const token = Math.max((row?.token ?? 0) + 1, Math.floor(nowMs));
  leases.putSync(name, { holder, token, expiresAtMs: nowMs + ttlMs } satisfies LeaseRow);
  return { token, isFirst: row === undefined };
}

function renewLease(
  { leases }: StateTables,
  { name, token, expiresAtMs }: CommandOf<'renew-lease'>,
): boolean {
  const row = leases.get(name) as LeaseRow | undefined;
  if (row === undefined || row.token !== token || row.holder === '') return false;
  leases.putSync(name, { ...row, expiresAtMs } satisfies LeaseRow);
  return true;
}

function releaseLease({ leases }: StateTables, { name, token }: CommandOf<'release-lease'>): null {
  const row = leases.get(name) as LeaseRow | undefined;
  if (row?.token === token) {
    leases.putSync(name, { holder: '', token, expiresAtMs: 0 } satisfies LeaseRow);
  }
  return null;
}
