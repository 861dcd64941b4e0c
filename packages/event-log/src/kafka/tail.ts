import { pauseFor } from '../embedded/backoff.js';
import type { LogRecord, RecordBatch, TailOptions } from '../port.js';
import type { KafkaSettings } from './options.js';
import {
  createClusterLinks,
  LARGEST_FETCH_BYTES,
  PARTITION_FETCH_BYTES,
  Reader,
  rangeOf,
} from './reader.js';
import { cutRecords } from './records.js';

const MAX_WAIT_MS = 250;
const MAX_BATCH_BYTES = 8 * 2 ** 20;
/** How often a position beyond the end is looked at again. */
const BEYOND_PAUSE_MS = 250;

interface Cursor {
  readonly partition: number;
  next: bigint;
  readonly end: bigint | undefined;
}

export interface TailParts {
  readonly settings: KafkaSettings;
  /** Shared; used where nothing is waited for. */
  readonly reader: Reader;
  readonly closing: AbortSignal;
  readonly there: string;
  /** Throws `unknown_topic`. */
  readonly checkTopic: () => Promise<unknown>;
}

/** Yields batches of one topic, partition by partition in turn, until the signal aborts. */
export async function* tailTopic(
  options: TailOptions,
  { settings, reader, closing, there, checkTopic }: TailParts,
): AsyncGenerator<RecordBatch> {
  const { topic } = options;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  options.signal.addEventListener('abort', stop);
  closing.addEventListener('abort', stop);
  if (options.signal.aborted || closing.aborted) stop();
  const { signal } = stopping;
  await checkTopic();
  // A fetch that waits holds its connection up, so each such tail has its own.
  const ownLinks = options.stopAtEnd === true ? undefined : createClusterLinks(settings, signal);
  const own = ownLinks === undefined ? reader : new Reader(ownLinks);
  try {
    const cursors = await startingCursors(options, reader, there);
    const limits = { maxRecords: options.maxBatchRecords ?? 256, maxBytes: MAX_BATCH_BYTES };
    /**
     * A partition may come empty though it has more: the others had used the fetch
     * up, or only empty batches were left of what was compacted.
     */
    const alone = async ({ partition, next }: Cursor): Promise<readonly LogRecord[]> => {
      const wish = { partition, offset: next, maxBytes: LARGEST_FETCH_BYTES };
      const [fetched] = await own.fetch({ topic, there, maxWaitMs: 0, wishes: [wish] });
      return fetched?.records ?? [];
    };
    while (!signal.aborted) {
      const wanted = cursors.filter(({ next, end }) => end === undefined || next < end);
      if (wanted.length === 0) return;
      const fetching = own.fetch({
        topic,
        there,
        maxWaitMs: options.stopAtEnd === true ? 0 : MAX_WAIT_MS,
        wishes: wanted.map(({ partition, next }) => ({
          partition,
          offset: next,
          maxBytes: PARTITION_FETCH_BYTES,
        })),
      });
      const fetched = await untilAborted(fetching, signal);
      if (fetched === undefined) return;
      let beyond = 0;
      for (const { partition, records, high } of fetched) {
        const cursor = wanted.find((each) => each.partition === partition);
        if (cursor === undefined) continue;
        if (cursor.next > high) beyond += 1;
        const found = records.length === 0 && cursor.next < high ? await alone(cursor) : records;
        const due = found.filter(({ offset }) => cursor.end === undefined || offset < cursor.end);
        for (const cut of cutRecords(due, limits)) {
          if (signal.aborted) return;
          cursor.next = cut.at(-1)!.offset + 1n;
          yield { topic, partition, records: cut };
        }
        // What lies between the last record and the end was cleaned away.
        const last = found.at(-1);
        if (last === undefined && cursor.next < high) cursor.next = high;
        if (last !== undefined && due.length < found.length) cursor.next = last.offset + 1n;
      }
      if (beyond > 0 && beyond === wanted.length) await pauseFor(BEYOND_PAUSE_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop();
    options.signal.removeEventListener('abort', stop);
    closing.removeEventListener('abort', stop);
    ownLinks?.close();
  }
}

async function startingCursors(
  { from, stopAtEnd }: TailOptions,
  reader: Reader,
  there: string,
): Promise<Cursor[]> {
  const offsets = await reader.offsets(there);
  return offsets.map(({ partition }) => {
    const { low, high } = rangeOf(offsets, partition);
    const end = stopAtEnd === true ? high : undefined;
    if (from === 'latest') return { partition, next: high, end };
    const asked = from === 'earliest' ? low : (from.get(partition) ?? low);
    return { partition, next: asked < low ? low : asked, end };
  });
}

/** Undefined when the signal aborts first. */
function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => resolve(undefined);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
