import type { Cluster } from 'kafkajs';
import { EventLogError } from '../errors.js';
import type { LogRecord, PartitionOffsets } from '../port.js';
import { type ClusterLink, openClusterLink } from './client.js';
import type { KafkaSettings } from './options.js';
import { toLogRecord } from './records.js';
import { Renewable } from './renewable.js';

/** As Kafka's consumers by default: nothing of transactions that are open or aborted. */
const READ_COMMITTED = 1;
const MAX_FETCH_BYTES = 16 * 2 ** 20;
const FIRST_FETCH_BYTES = 64 * 1024;
/** Of one partition in one fetch; a batch of the producer is never larger. */
export const PARTITION_FETCH_BYTES = 2 ** 20;
export const LARGEST_FETCH_BYTES = 8 * 2 ** 20;

export interface FetchWish {
  readonly partition: number;
  readonly offset: bigint;
  readonly maxBytes: number;
}

export interface Fetched {
  readonly partition: number;
  /** From the wished offset on; empty at the end, or where everything was cleaned away. */
  readonly records: readonly LogRecord[];
  readonly high: bigint;
}

export interface FetchOptions {
  /** Here and on the cluster. */
  readonly topic: string;
  readonly there: string;
  readonly wishes: readonly FetchWish[];
  /** How long the broker may wait for something to come. */
  readonly maxWaitMs: number;
}

/** Part of what kafkajs answers to `Broker.fetch`, which it leaves untyped. */
interface FetchAnswer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partition: number;
      readonly highWatermark: string;
      readonly messages: readonly (Parameters<typeof toLogRecord>[2] & {
        readonly isControlRecord?: boolean;
      })[];
    }[];
  }[];
}

/** One round of fetches, one per broker that leads some of the partitions. */
export async function fetchRecords(cluster: Cluster, options: FetchOptions): Promise<Fetched[]> {
  const { topic, there, wishes, maxWaitMs } = options;
  await cluster.addMultipleTargetTopics([there]);
  await cluster.refreshMetadataIfNecessary();
  const leaders = cluster.findLeaderForPartitions(
    there,
    wishes.map(({ partition }) => partition),
  );
  const rounds = Object.entries(leaders).map(async ([nodeId, partitions]) => {
    const own = wishes.filter(({ partition }) => partitions.includes(partition));
    const broker = await cluster.findBroker({ nodeId });
    const answer: FetchAnswer = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes: MAX_FETCH_BYTES,
      topics: [
        {
          topic: there,
          partitions: own.map(({ partition, offset, maxBytes }) => ({
            partition,
            fetchOffset: String(offset),
            maxBytes,
          })),
        },
      ],
    });
    return answer.responses.flatMap((response) =>
      response.partitions.map(({ partition, highWatermark, messages }): Fetched => {
        const from = own.find((wish) => wish.partition === partition)?.offset ?? 0n;
        const records = messages
          // The broker answers whole batches, so also what comes before the offset.
          .filter((message) => !message.isControlRecord && BigInt(message.offset) >= from)
          .map((message) => toLogRecord(topic, partition, message));
        return { partition, records, high: BigInt(highWatermark) };
      }),
    );
  });
  return (await Promise.all(rounds)).flat();
}

/** True for the broker's word that an offset is not (or no longer) there. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange';
}

export function createClusterLinks(
  settings: KafkaSettings,
  signal: AbortSignal,
): Renewable<ClusterLink> {
  return new Renewable({
    deadlineMs: settings.requestDeadlineMs,
    signal,
    open: () => openClusterLink(settings),
  });
}

export interface ReadPlace {
  readonly topic: string;
  readonly there: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Reads and offsets outside any group, over one connection that never waits for records to come. */
export class Reader {
  readonly #links: Renewable<ClusterLink>;

  constructor(links: Renewable<ClusterLink>) {
    this.#links = links;
  }

  /** See `EventLog.read`. */
  async read(place: ReadPlace, count: number): Promise<LogRecord[]> {
    const { topic, there, partition } = place;
    const found: LogRecord[] = [];
    let offset = place.offset;
    let maxBytes = count <= 4 ? FIRST_FETCH_BYTES : PARTITION_FETCH_BYTES;
    while (found.length < count) {
      const fetched = await this.fetch({
        topic,
        there,
        wishes: [{ partition, offset, maxBytes }],
        maxWaitMs: 0,
      });
      const { records, high } = fetched[0] ?? { records: [], high: 0n };
      const last = records.at(-1);
      if (last === undefined) {
        // Compaction leaves empty batches behind: what follows them needs a larger fetch.
        if (offset >= high || maxBytes >= LARGEST_FETCH_BYTES) break;
        maxBytes *= 4;
        continue;
      }
      for (const record of records.slice(0, count - found.length)) found.push(record);
      offset = last.offset + 1n;
      if (offset >= high) break;
    }
    return found;
  }

  /** As `fetchRecords`; an offset that was cleaned away is read from the oldest on. */
  async fetch(options: FetchOptions): Promise<Fetched[]> {
    const doing = `reading ${options.topic}`;
    const outcome = await this.#links.use(doing, async ({ cluster }) => {
      try {
        return await fetchRecords(cluster, options);
      } catch (error) {
        if (isOutOfRange(error)) return undefined;
        throw error;
      }
    });
    if (outcome !== undefined) return outcome;
    const offsets = await this.offsets(options.there);
    const wishes: FetchWish[] = [];
    const beyond: Fetched[] = [];
    for (const wish of options.wishes) {
      const { low, high } = rangeOf(offsets, wish.partition);
      if (wish.offset >= high) beyond.push({ partition: wish.partition, records: [], high });
      else wishes.push({ ...wish, offset: wish.offset < low ? low : wish.offset });
    }
    if (wishes.length === 0) return beyond;
    return [...beyond, ...(await this.fetch({ ...options, wishes }))];
  }

  /** Of every partition, in order. `there`: the topic's name on the cluster. */
  async offsets(there: string): Promise<PartitionOffsets[]> {
    return await this.#links.use(`offsets of ${there}`, async ({ cluster }) => {
      await cluster.addMultipleTargetTopics([there]);
      await cluster.refreshMetadataIfNecessary();
      const partitions = cluster
        .findTopicPartitionMetadata(there)
        .map(({ partitionId }) => ({ partition: partitionId }));
      const ask = async (fromBeginning: boolean): Promise<Map<number, bigint>> => {
        const answers = await cluster.fetchTopicsOffset([
          { topic: there, partitions, fromBeginning },
        ]);
        return new Map(
          answers
            .flatMap((answer) => answer.partitions)
            .map(({ partition, offset }) => [partition, BigInt(offset)]),
        );
      };
      // In this order, so that low is never above high.
      const lows = await ask(true);
      const highs = await ask(false);
      return partitions
        .map(({ partition }) => {
          const low = lows.get(partition);
          const high = highs.get(partition);
          if (low === undefined || high === undefined) {
            throw new EventLogError('unavailable', `offsets of ${there}/${partition}: no answer`);
          }
          return { partition, low, high };
        })
        .sort((a, b) => a.partition - b.partition);
    });
  }
}

export function rangeOf(offsets: readonly PartitionOffsets[], partition: number): PartitionOffsets {
  return offsets.find((each) => each.partition === partition) ?? { partition, low: 0n, high: 0n };
}
