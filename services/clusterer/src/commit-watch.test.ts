import type { PartitionLag, RecordBatch } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { describe, expect, it, vi } from 'vitest';
import { CommitWatch } from './commit-watch.js';

const { signal } = new AbortController();

function watchOver(committed: () => bigint | undefined) {
  const lag = vi.fn(
    async (): Promise<PartitionLag[]> => [
      { topic: topics.embeddings, partition: 2, committed: committed(), lag: 0n },
    ],
  );
  return {
    watch: new CommitWatch({ lag }, { groupId: 'g', topic: topics.embeddings, signal }),
    lag,
  };
}

const batch = (partition: number, lastOffset: bigint): RecordBatch => ({
  topic: topics.embeddings,
  partition,
  records: [
    {
      topic: topics.embeddings,
      partition,
      offset: lastOffset,
      key: undefined,
      value: new Uint8Array(0),
      headers: {},
      timestampMs: 0,
    },
  ],
});

describe('CommitWatch', () => {
  it('waits until the batch is committed and undoes nothing', async () => {
    let asked = 0;
    const { watch } = watchOver(() => (++asked < 3 ? 5n : 8n));
    const undo = vi.fn();
    watch.expectCommit(2, 7n, undo);
    await watch.settle();
    expect(asked).toBe(3);
    expect(undo).not.toHaveBeenCalled();
  });

  it('undoes once when the log reports the batch as failed', async () => {
    const { watch } = watchOver(() => undefined);
    const undo = vi.fn();
    watch.expectCommit(2, 7n, undo);
    watch.noticeFailure(batch(2, 7n));
    await watch.settle();
    await watch.settle();
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('ignores the failure of another batch', async () => {
    const { watch } = watchOver(() => 8n);
    const undo = vi.fn();
    watch.expectCommit(2, 7n, undo);
    watch.noticeFailure(batch(1, 7n));
    watch.noticeFailure(batch(2, 9n));
    watch.noticeFailure(undefined);
    await watch.settle();
    expect(undo).not.toHaveBeenCalled();
  });

  it('undoes when the same batch comes again, without asking', async () => {
    const { watch, lag } = watchOver(() => 8n);
    const undo = vi.fn();
    watch.expectCommit(2, 7n, undo);
    await watch.settle({ partition: 2, firstOffset: 5n });
    expect(undo).toHaveBeenCalledTimes(1);
    expect(lag).not.toHaveBeenCalled();
  });

  it('takes the next batch of the partition as proof of the commit', async () => {
    const { watch, lag } = watchOver(() => undefined);
    const undo = vi.fn();
    watch.expectCommit(2, 7n, undo);
    await watch.settle({ partition: 2, firstOffset: 8n });
    expect(undo).not.toHaveBeenCalled();
    expect(lag).not.toHaveBeenCalled();
  });
});
