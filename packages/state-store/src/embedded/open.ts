import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StateStore } from '../port.js';
import { EmbeddedDedupe } from './dedupe.js';
import { Environment } from './environment.js';
import { EmbeddedFanOut } from './fan-out.js';
import { EmbeddedLeases } from './leases.js';
import { EmbeddedValues } from './values.js';

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
  const state = new Environment(join(dir, 'state'), 'synced');
  const ring = openRing(dir);
  const fanOut = new EmbeddedFanOut(ring, options.pollIntervalMs ?? 25);
  return {
    dedupe: new EmbeddedDedupe(state, nowMs),
    values: new EmbeddedValues(state),
    leases: new EmbeddedLeases(state, nowMs),
    fanOut,
    close: async () => {
      fanOut.stop();
      await ring.close();
      await state.close();
    },
  };
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
