import type { RecordPosition } from '@glitchwatch/event-log';
import { StateStoreError } from '@glitchwatch/state-store';
import {
  dedupeKey,
  emptyCursor,
  isBehind,
  loadCursor,
  MovingCursor,
  type Offsets,
  storeCursor,
} from './dedupe-cursor.js';
import { IngestError } from './errors.js';
import type { IngestMetrics } from './ingest-metrics.js';
import { RecentIds } from './recent-ids.js';
import { type RebuildOptions, rebuildWindow } from './window-rebuild.js';

/** Ids kept in memory, about 100 bytes each: all that is known while the state store is away. */
const RECENT_IDS = 65_536;
/** A gap in front of so many positions will not fill by itself: its records are read from the log. */
const MAX_WAITING = 10_000;

export interface LedgerOptions extends RebuildOptions {
  readonly metrics: Pick<IngestMetrics, 'windowInStep'>;
}

/**
 * Which glitches are in the log: the dedupe window of the state store, kept in
 * step with the log by a cursor, which says up to where every record of the log is
 * in the window. So opening the ledger reads only what came after it: all of the
 * log where the state store is new, the last moments after a crash, nothing after a
 * clean stop.
 *
 * The window saves work and is not what makes a glitch come once: later stages drop
 * a second coming by its id. So where the state store is away, or has lost
 * something, glitches are taken all the same; only the ids of this process are known
 * then, until the window has been brought up to the log again.
 */
export interface Ledger {
  /** For each glitch id: is it known to be in the log? @throws IngestError `state_unavailable`. */
  has(glitchIds: readonly string[]): Promise<boolean[]>;
  /** Call after the records are durable; position i belongs to glitch id i. */
  add(glitchIds: readonly string[], positions: readonly RecordPosition[]): Promise<void>;
  /** Call now and then: saves the cursor, or mends the window where it is out of step. */
  keepInStep(): Promise<void>;
}

export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const ledger = new WindowLedger(options);
  await ledger.keepInStep();
  return ledger;
}

class WindowLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #recent = new RecentIds(RECENT_IDS);
  #cursor = new MovingCursor(emptyCursor);
  /** The cursor as this process last left it in the store. */
  #saved: Offsets = new Map();
  /** False while the window may lack ids that are in the log. */
  #isInStep = false;
  /** Counts the times at which the window fell out of step. */
  #falls = 0;
  #isAway = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#options.metrics.windowInStep(false);
  }

  async has(glitchIds: readonly string[]): Promise<boolean[]> {
    const answers = await this.#ask(glitchIds);
    return glitchIds.map((id, i) => answers?.[i] === true || this.#recent.has(id));
  }

  async add(glitchIds: readonly string[], positions: readonly RecordPosition[]): Promise<void> {
    for (const id of glitchIds) this.#recent.add(id);
    try {
      await this.#options.state.dedupe.addIfAbsent(this.#keysOf(glitchIds), this.#options.ttlMs);
      for (const position of positions) this.#cursor.add(position);
    } catch (error) {
      this.#outOfStep();
      if (!this.#passes(error)) throw error;
    }
  }

  async keepInStep(): Promise<void> {
    try {
      if (this.#isInStep) await this.#saveCursor();
      if (!this.#isInStep) await this.#mend();
      this.#isAway = false;
    } catch (error) {
      this.#outOfStep();
      if (!this.#passes(error)) throw error;
    }
  }

  /** Undefined where the state store is away. */
  async #ask(glitchIds: readonly string[]): Promise<boolean[] | undefined> {
    try {
      return await this.#options.state.dedupe.has(this.#keysOf(glitchIds));
    } catch (cause) {
      if (this.#passes(cause)) return undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new IngestError('state_unavailable', `Cannot look for duplicates: ${reason}`, {
        cause,
      });
    }
  }

  async #saveCursor(): Promise<void> {
    const { state } = this.#options;
    const cursor = this.#cursor;
    const stored = await loadCursor(state);
    const hasLost =
      stored === undefined ||
      stored.generation !== cursor.generation ||
      isBehind(stored.next, this.#saved);
    if (hasLost || cursor.waiting > MAX_WAITING) {
      this.#outOfStep();
      return;
    }
    // Where several processes ingest, each fills the others' gaps.
    cursor.moveTo(stored.next);
    if (isBehind(stored.next, cursor.next)) await storeCursor(state, cursor.stored());
    this.#saved = cursor.stored().next;
  }

  /** What was added meanwhile is in the window too: the cursor takes it up where the reading ended. */
  async #mend(): Promise<void> {
    const { state, signal, metrics } = this.#options;
    const falls = this.#falls;
    const reached = await rebuildWindow(this.#options);
    if (signal.aborted) return;
    // What was added under the keys of another log must be read again.
    const isSameLog = reached.generation === this.#cursor.generation;
    if (!isSameLog) this.#cursor = new MovingCursor(reached);
    this.#cursor.moveTo(reached.next);
    const cursor = this.#cursor.stored();
    await storeCursor(state, cursor);
    this.#saved = cursor.next;
    if (!isSameLog) return this.#mend();
    if (falls !== this.#falls) return;
    this.#isInStep = true;
    metrics.windowInStep(true);
  }

  #outOfStep(): void {
    this.#isInStep = false;
    this.#falls += 1;
    this.#options.metrics.windowInStep(false);
  }

  /** True where the state store is away or full: told once, and work goes on without it. */
  #passes(error: unknown): boolean {
    if (!(error instanceof StateStoreError)) return false;
    if (error.code !== 'unavailable' && error.code !== 'disk_full') return false;
    if (!this.#isAway) {
      this.#options.logger.warn(
        { code: error.code, reason: error.message },
        'the state store is away: glitches are taken without looking for duplicates of others',
      );
    }
    this.#isAway = true;
    return true;
  }

  #keysOf(glitchIds: readonly string[]): string[] {
    return glitchIds.map((id) => dedupeKey(this.#cursor.generation, id));
  }
}
