import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Condition } from './condition.js';
import { asError } from './errors.js';

const RETRY_MS = 1_000;
/** Small, because other work of the process has its turn between two batches. */
const BATCH_RECORDS = 64;

export interface LogFollowerOptions {
  readonly log: Pick<EventLog, 'tail' | 'offsets'>;
  readonly topic: string;
  /** Throwing leaves the record untaken: it comes again after a pause. */
  readonly take: (record: LogRecord) => Promise<void> | void;
  readonly onError: (error: Error) => void;
}

/**
 * Reads a whole topic outside any group, every partition of it, and knows how far it
 * has come: so that others can wait until all that was on the log at some moment has
 * been taken.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #next = new Map<number, bigint>();
  readonly #progress = new Condition();

  constructor(options: LogFollowerOptions) {
    this.#options = options;
  }

  /** Where `run` begins; partitions not named begin at the oldest record kept. */
  startAt(positions: ReadonlyMap<number, bigint>): void {
    for (const [partition, offset] of positions) this.#next.set(partition, offset);
    this.#progress.notify();
  }

  /** Until `signal` aborts; a log that is away is asked again. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, take, onError } = this.#options;
    while (!signal.aborted) {
      try {
        const from = new Map(this.#next);
        for await (const batch of log.tail({
          topic,
          from,
          signal,
          maxBatchRecords: BATCH_RECORDS,
        })) {
          for (const record of batch.records) {
            await take(record);
            this.#next.set(batch.partition, record.offset + 1n);
          }
          this.#progress.notify();
          await nextTurn();
        }
      } catch (thrown) {
        if (signal.aborted) return;
        onError(asError(thrown));
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /**
   * Resolves once everything that is on the topic now has been taken. `run` must be
   * going on. Rejects where `signal` aborts first.
   */
  async reachEnd(signal: AbortSignal): Promise<void> {
    const ends = await this.#options.log.offsets(this.#options.topic);
    await this.#progress.until(
      () =>
        ends.every(
          ({ partition, low, high }) => low === high || (this.#next.get(partition) ?? low) >= high,
        ),
      signal,
    );
  }
}
