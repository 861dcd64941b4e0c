import { EventLogError } from '../errors.js';
import { type Environment, usedBytes } from './environment.js';
import { readVersion, rowKeys, writeRow } from './rows.js';

const PAGE_BYTES = 4096;

/** What the commands of one store transaction share. */
export class WriteTransaction {
  readonly environment: Environment;
  readonly nowMs: number;
  readonly changes = new Set<string>();
  readonly #maxBytes: number;
  #used: number | undefined;

  constructor(environment: Environment, maxBytes: number, nowMs: number) {
    this.environment = environment;
    this.#maxBytes = maxBytes;
    this.nowMs = nowMs;
  }

  /** Counts records against `maxBytes`; call before writing them. Throws `disk_full`. */
  reserve(recordBytes: readonly number[]): void {
    if (recordBytes.length === 0) return;
    this.#used ??= usedBytes(this.environment);
    let more = 0;
    for (const bytes of recordBytes) {
      more +=
        bytes < PAGE_BYTES / 2 ? bytes + 32 : Math.ceil((bytes + 16) / PAGE_BYTES) * PAGE_BYTES;
    }
    if (this.#used + more > this.#maxBytes) {
      throw new EventLogError(
        'disk_full',
        `event log holds ${this.#used} bytes: ${more} more would pass its limit of ${this.#maxBytes}`,
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
