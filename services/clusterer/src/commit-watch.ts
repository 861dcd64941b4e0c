import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, RecordBatch } from '@glitchwatch/event-log';

/** A batch handed back to the log, whose commit is still to be seen. */
interface PendingBatch {
  readonly partition: number;
  readonly lastOffset: bigint;
  /** Takes back what the batch changed in memory. */
  readonly undo: () => void;
  failed: boolean;
}

export interface CommitWatchOptions {
  readonly groupId: string;
  readonly topic: string;
  /** Whoever owns this stops: nothing is waited for any more. */
  readonly signal: AbortSignal;
}

const POLL_MS = 1;
/** Longer than any session timeout: by then another member owns the partition. */
const GIVE_UP_MS = 60_000;

/**
 * Learns whether the outputs of the last batch were appended and committed. The
 * log does both after the handler has returned, so memory runs ahead of the log by
 * at most this one batch; when the log refuses it, memory goes back.
 *
 * All methods are called under the owner's mutex, except `noticeFailure`.
 */
export class CommitWatch {
  readonly #log: Pick<EventLog, 'lag'>;
  readonly #of: CommitWatchOptions;
  #pending: PendingBatch | undefined;

  constructor(log: Pick<EventLog, 'lag'>, of: CommitWatchOptions) {
    this.#log = log;
    this.#of = of;
  }

  expectCommit(partition: number, lastOffset: bigint, undo: () => void): void {
    this.#pending = { partition, lastOffset, undo, failed: false };
  }

  /** The log's error callback: the batch will come again. */
  noticeFailure(batch: RecordBatch | undefined): void {
    const pending = this.#pending;
    if (pending === undefined || batch === undefined) return;
    if (batch.topic !== this.#of.topic || batch.partition !== pending.partition) return;
    if (batch.records.at(-1)?.offset === pending.lastOffset) pending.failed = true;
  }

  /**
   * Resolves once the last batch is committed, or undone because it was not.
   * `next`, when it is the very same batch again, says that it was not.
   *
   * @returns true where it was undone. On a log without transactions its outputs may
   *   be stored all the same: the owner reads there what became of them.
   */
  async settle(next?: {
    readonly partition: number;
    readonly firstOffset: bigint;
  }): Promise<boolean> {
    const pending = this.#pending;
    if (pending === undefined) return false;
    const sawAgain =
      next?.partition === pending.partition && next.firstOffset <= pending.lastOffset;
    const sawBeyond = next?.partition === pending.partition && !sawAgain;
    const committed = !sawAgain && (sawBeyond || (await this.#waitForCommit(pending)));
    this.#pending = undefined;
    if (!committed) pending.undo();
    return !committed;
  }

  async #waitForCommit(pending: PendingBatch): Promise<boolean> {
    const { signal } = this.#of;
    const started = performance.now();
    while (performance.now() - started < GIVE_UP_MS && !pending.failed && !signal.aborted) {
      const lags = await this.#log.lag(this.#of.groupId, [this.#of.topic]);
      const committed = lags.find(({ partition }) => partition === pending.partition)?.committed;
      if (committed !== undefined && committed > pending.lastOffset) return true;
      await delay(POLL_MS);
    }
    return false;
  }
}
