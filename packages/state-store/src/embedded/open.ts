import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StateStore } from '../port.js';
import { createDedupe } from './dedupe.js';
import { Environment } from './environment.js';
import { EmbeddedFanOut } from './fan-out.js';
import { createLeases } from './leases.js';
import { openTables } from './tables.js';
import { createValues } from './values.js';
import { Writer } from './writer.js';

export interface EmbeddedStateStoreOptions {
  /** Folder of the store, made where missing; any number of processes of one machine may share it. */
  readonly dir: string;
  /** How often messages of other processes are looked for. Default 25. */
  readonly pollIntervalMs?: number | undefined;
  /** Milliseconds since the Unix epoch; for tests. */
  readonly nowMs?: (() => number) | undefined;
}

/** Opens the state store that needs no server: LMDB files in a folder. */
export async function openEmbeddedStateStore(
  options: EmbeddedStateStoreOptions,
): Promise<StateStore> {
  const dir = resolve(options.dir);
  const nowMs = options.nowMs ?? Date.now;
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
  };
  try {
    const ring = openRing(dir);
    opened.push(ring);
    const fanOut = new EmbeddedFanOut(ring, options.pollIntervalMs ?? 25);
    opened.push(fanOut);
    const state = new Environment(join(dir, 'state'), 'synced');
    opened.push(state);
    const tables = openTables(state);
    const writer = await Writer.open(join(dir, 'state'));
    opened.push(writer);
    let closed: Promise<void> | undefined;
    return {
      dedupe: createDedupe(state, tables, writer, nowMs),
      values: createValues(state, tables, writer),
      leases: createLeases(writer, nowMs),
      fanOut,
      close: () => {
        closed ??= closeAll();
        return closed;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const ringPrefix = 'fan-out-';

/**
 * Messages are worth nothing after a restart of the machine, so they are not synced
 * to disk; a ring of an earlier boot, which may be torn, is thrown away.
 */
function openRing(dir: string): Environment {
  const boot = bootId();
  if (boot === undefined) return new Environment(join(dir, 'fan-out'), 'synced');
  const own = `${ringPrefix}${boot}`;
  const ring = new Environment(join(dir, own), 'process');
  for (const name of readdirSync(dir)) {
    if (name.startsWith(ringPrefix) && name !== own) {
      rmSync(join(dir, name), { recursive: true, force: true });
    }
  }
  return ring;
}

/** Undefined where the system does not tell (anything but Linux). */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
