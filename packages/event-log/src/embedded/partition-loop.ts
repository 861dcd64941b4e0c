import { EventLogError } from '../errors.js';
import type { ConsumeOptions, OutgoingRecord, RecordBatch } from '../port.js';
import { Backoff, pauseFor } from './backoff.js';
import type { ChangeFeed } from './change-feed.js';
import { changeNames } from './commands.js';
import type { Gate } from './gate.js';
import type { Reader } from './reader.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export interface PartitionLoopOptions {
  readonly topic: string;
  readonly topicId: number;
  readonly partition: number;
  readonly offset: number;
  readonly consume: ConsumeOptions;
  readonly reader: Reader;
  readonly feed: ChangeFeed;
  readonly gate: Gate;
  /** Appends the outputs and moves the offset as one; rejects with `fenced` after a loss. */
  readonly commit: (offset: number, outputs: readonly OutgoingRecord[]) => Promise<void>;
}

/** Takes one partition batch by batch; at most one batch is in memory. */
export class PartitionLoop {
  readonly #options: PartitionLoopOptions;
  /** Told to the handler: the member stops or has lost the partition. */
  readonly #abort = new AbortController();
  /** No further batch: the partition goes to another member when this one is done. */
  readonly #finish = new AbortController();
  readonly done: Promise<void>;

  constructor(options: PartitionLoopOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** Lets the batch in hand end as usual and takes no other. */
  finish(): void {
    this.#finish.abort();
  }

  /** As `finish`, and tells the handler. */
  stop(): void {
    this.#finish.abort();
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const { topic, topicId, partition, consume, reader, feed, gate } = this.#options;
    const ending = this.#finish.signal;
    const listener = feed.listen([changeNames.partition(topicId, partition)]);
    const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    let offset = this.#options.offset;
    try {
      while (!ending.aborted) {
        await gate.pass(ending);
        if (ending.aborted) break;
        try {
          const { records, next } = reader.read({
            topic,
            topicId,
            partition,
            from: offset,
            maxRecords: consume.maxBatchRecords ?? 256,
            maxBytes: consume.maxBatchBytes ?? 8 * 2 ** 20,
          });
          if (records.length === 0) {
            offset = next;
            await listener.wait(ending);
            continue;
          }
          await this.#process({ topic, partition, records }, next, backoff);
          offset = next;
        } catch (error) {
          // The log itself failed: told, and tried again after a pause.
          this.#report(error, undefined);
          await pauseFor(backoff.next(), ending);
        }
      }
    } finally {
      listener.stop();
    }
  }

  /** Returns when the batch is committed, or when it is no longer this member's to commit. */
  async #process(batch: RecordBatch, next: number, backoff: Backoff): Promise<void> {
    const { consume, commit } = this.#options;
    while (!this.#abort.signal.aborted) {
      try {
        const outputs = await consume.handler(batch, { signal: this.#abort.signal });
        await commit(next, outputs);
        backoff.reset();
        return;
      } catch (error) {
        if (
          error instanceof EventLogError &&
          (error.code === 'fenced' || error.code === 'closed')
        ) {
          this.stop();
        } else if (this.#abort.signal.aborted) {
          // The handler gave up because it was told to.
          return;
        }
        this.#report(error, batch);
        await pauseFor(backoff.next(), this.#finish.signal);
        if (this.#finish.signal.aborted) return;
      }
    }
  }

  #report(error: unknown, batch: RecordBatch | undefined): void {
    const told = error instanceof Error ? error : new Error(String(error));
    this.#options.consume.onError?.(told, batch);
  }
}
