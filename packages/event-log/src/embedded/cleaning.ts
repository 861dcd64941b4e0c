import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** Records removed in one store transaction, so that appends wait for little. */
const STEP = 200;
const READ_BYTES = 8 * 2 ** 20;

/** Where compaction last stopped finding anything, by "topicId/partition". */
export type CompactedUpTo = Map<string, number>;

/** Applies the retention or compaction of every topic. */
export async function cleanTopics(
  reader: Reader,
  writer: Writer,
  compactedUpTo: CompactedUpTo,
  signal: AbortSignal,
): Promise<void> {
  for (const name of reader.topicNames()) {
    const topic = reader.topic(name);
    for (let partition = 0; partition < topic.partitions && !signal.aborted; partition++) {
      if (topic.cleanup === 'compact') {
        await compact(reader, writer, name, partition, compactedUpTo, signal);
      } else if (topic.retentionMs !== null) {
        const beforeMs = Date.now() - topic.retentionMs;
        const command = {
          kind: 'expire',
          topicId: topic.id,
          partition,
          beforeMs,
          limit: STEP,
        } as const;
        while (!signal.aborted && (await writer.run<'expire'>(command)));
      }
    }
  }
}

/** Removes every record whose key has a newer one; what has no key stays. */
async function compact(
  reader: Reader,
  writer: Writer,
  topic: string,
  partition: number,
  compactedUpTo: CompactedUpTo,
  signal: AbortSignal,
): Promise<void> {
  const topicId = reader.topic(topic).id;
  const { low, high } = reader.partition(topicId, partition);
  const name = `${topicId}/${partition}`;
  if (compactedUpTo.get(name) === high) return;
  const newest = new Map<string, number>();
  let replaced: number[] = [];
  for (let from = low; from < high; ) {
    if (signal.aborted) return;
    const range = { topic, topicId, partition, from, end: high, maxRecords: STEP };
    const { records, next } = reader.read({ ...range, maxBytes: READ_BYTES });
    for (const record of records) {
      if (record.key === undefined) continue;
      const before = newest.get(record.key);
      if (before !== undefined) replaced.push(before);
      newest.set(record.key, Number(record.offset));
    }
    if (replaced.length >= STEP) {
      await writer.run({ kind: 'remove', topicId, partition, offsets: replaced });
      replaced = [];
    }
    from = next;
    await nextTurn();
  }
  if (replaced.length > 0) {
    await writer.run({ kind: 'remove', topicId, partition, offsets: replaced });
  }
  compactedUpTo.set(name, high);
}
