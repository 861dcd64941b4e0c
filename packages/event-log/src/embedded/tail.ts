import type { RecordBatch, TailOptions } from '../port.js';
import type { ChangeFeed } from './change-feed.js';
import { changeNames } from './commands.js';
import type { Reader } from './reader.js';

const MAX_BATCH_BYTES = 8 * 2 ** 20;

interface Cursor {
  readonly partition: number;
  next: number;
  readonly end: number | undefined;
}

/** Yields batches of one topic, partition by partition in turn, until the signal aborts. */
export async function* tailTopic(
  options: TailOptions,
  reader: Reader,
  feed: ChangeFeed,
  closing: AbortSignal,
): AsyncGenerator<RecordBatch> {
  const signal = AbortSignal.any([options.signal, closing]);
  const { id: topicId, partitions } = reader.topic(options.topic);
  const cursors: Cursor[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { low, high } = reader.partition(topicId, partition);
    const end = options.stopAtEnd === true ? high : undefined;
    const from = options.from;
    const next =
      from === 'earliest' ? low : from === 'latest' ? high : Number(from.get(partition) ?? low);
    cursors.push({ partition, next, end });
  }
  const names = cursors.map(({ partition }) => changeNames.partition(topicId, partition));
  const listener = feed.listen(names);
  try {
    while (!signal.aborted) {
      let found = false;
      for (const cursor of cursors) {
        if (signal.aborted) return;
        const { records, next } = reader.read({
          topic: options.topic,
          topicId,
          partition: cursor.partition,
          from: cursor.next,
          end: cursor.end,
          maxRecords: options.maxBatchRecords ?? 256,
          maxBytes: MAX_BATCH_BYTES,
        });
        cursor.next = next;
        if (records.length === 0) continue;
        found = true;
        yield { topic: options.topic, partition: cursor.partition, records };
      }
      if (found) continue;
      if (options.stopAtEnd === true) return;
      await listener.wait(signal);
    }
  } finally {
    listener.stop();
  }
}
