import { EventLogError } from '../errors.js';
import { type Environment, usedBytes } from './environment.js';
import { readVersion, rowKeys, writeRow } from './rows.js';

const PAGE_BYTES = 4096;

export interface WriteLimits {
  readonly maxBytes: number;
  /** The disk was found full: until then nothing is tried, as LMDB writes a line to stderr each time. */
  readonly fullUntilMs: number;
}

/** What the commands of one store transaction share. */
export class WriteTransaction {
  readonly environment: Environment;
  readonly nowMs: number;
  readonly changes = new Set<string>();
  readonly #limits: WriteLimits;
  #used: number | undefined;

  constructor(environment: Environment, limits: WriteLimits, nowMs: number) {
    this.environment = environment;
    this.#limits = limits;
    this.nowMs = nowMs;
  }

  /** Counts records against the limits; call before writing them. Throws `disk_full`. */
  reserve(recordBytes: readonly number[]): void {
    if (recordBytes.length === 0) return;
    const { maxBytes, fullUntilMs } = this.#limits;
    if (this.nowMs < fullUntilMs) {
      throw new EventLogError('disk_full', 'event log: no space left on the disk a moment ago');
    }
    this.#used ??= usedBytes(this.environment);
    let more = 0;
    for (const bytes of recordBytes) {
      more +=
        bytes < PAGE_BYTES / 2 ? bytes + 32 : Math.ceil((bytes + 16) / PAGE_BYTES) * PAGE_BYTES;
    }
    if (this.#used + more > maxBytes) {
      throw new EventLogError(
        'disk_full',
        `event log holds ${this.#used} bytes: ${more} more would pass its limit of ${maxBytes}`,
      );
    }
    this.#used += more;
  }

  /** Last write of the transaction: other processes poll this counter. */
  finish(): void {
    if (this.changes.size === 0) return;
    writeRow(this.environment, rowKeys.version, readVersion(this.environment) + 1);
  }
}
