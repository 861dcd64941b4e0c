/**
 * The event log: append-only topics cut into partitions, read by groups.
 *
 * Promises that every adapter keeps (test/contract/event-log):
 * - A record with a key always goes to partition murmur2(key) mod partitions, so
 *   adapters agree and a key's records keep their order.
 * - `append` resolves when the records are durable; the records of one call that
 *   share a partition are stored in the order given. It throws `closed`,
 *   `unknown_topic`, `record_too_large`, `disk_full` or `unavailable`. After the
 *   last two none or some of the records may be stored: the caller appends again
 *   and readers know duplicates by their event id. After `disk_full` the log goes
 *   on reading, and takes records again once there is room.
 * - A group reads each partition in order, by one member at a time. What a
 *   handler returns is appended and its batch committed after that, never
 *   before: a crash in between repeats the batch (at least once). A member that
 *   has lost its partition can no longer commit it.
 * - Members join, leave and die at any time; partitions are shared out anew
 *   within `sessionTimeoutMs`, and the next owner goes on at the last commit. One
 *   that leaves in peace finishes its batch first, so nothing comes twice.
 * - A topic with cleanup "compact" keeps at least the newest record of each key.
 */

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** Milliseconds; undefined keeps records for ever. */
  readonly retentionMs?: number | undefined;
}

export interface OutgoingRecord {
  readonly topic: string;
  /** Records without a key are spread over the partitions. */
  readonly key?: string | undefined;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch; now when absent. */
  readonly timestampMs?: number | undefined;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | undefined;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

/**
 * Returns what is to be appended before the batch is committed. Throwing leaves
 * the batch uncommitted: it comes again, after a pause that grows.
 */
export type BatchHandler = (
  batch: RecordBatch,
  context: BatchContext,
) => Promise<readonly OutgoingRecord[]>;

export interface BatchContext {
  /** Aborts when the member stops or has lost the partition. */
  readonly signal: AbortSignal;
}

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  /** Where a group without a commit begins. Default "earliest". */
  readonly from?: 'earliest' | 'latest' | undefined;
  /** Default 256. */
  readonly maxBatchRecords?: number | undefined;
  /** Default 8 MiB; one larger record still comes, alone. */
  readonly maxBatchBytes?: number | undefined;
  /** How long a silent member keeps its partitions. Default 6000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Told of every failure of the handler or the log; the loop goes on. */
  readonly onError?: ((error: Error, batch: RecordBatch | undefined) => void) | undefined;
}

export interface GroupConsumer {
  /** Partitions held at present, as "topic/partition", sorted. */
  assignedPartitions(): readonly string[];
  /** Stops taking batches until `resume`: back-pressure. */
  pause(): void;
  resume(): void;
  /** Finishes the batch in hand, leaves the group, frees the partitions. */
  stop(): Promise<void>;
}

export type StartPosition =
  | 'earliest'
  | 'latest'
  /** Next offset to read by partition; partitions not named start at the earliest. */
  | ReadonlyMap<number, bigint>;

export interface TailOptions {
  readonly topic: string;
  readonly from: StartPosition;
  readonly signal: AbortSignal;
  /** Ends at what was the end when the call was made, instead of waiting for more. */
  readonly stopAtEnd?: boolean | undefined;
  /** At most this many records are held in memory per read. Default 256. */
  readonly maxBatchRecords?: number | undefined;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** Oldest offset kept. */
  readonly low: bigint;
  /** Offset that the next record gets. */
  readonly high: bigint;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to be processed; undefined before the first commit. */
  readonly committed: bigint | undefined;
  readonly lag: bigint;
}

export interface EventLog {
  /** Creates what is missing; throws `topic_mismatch` where an existing topic differs. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Names of all topics that there are, sorted. */
  topics(): Promise<readonly string[]>;
  append(records: readonly OutgoingRecord[]): Promise<RecordPosition[]>;
  consume(options: ConsumeOptions): Promise<GroupConsumer>;
  /** Batches of one topic, outside any group; in order within a partition. */
  tail(options: TailOptions): AsyncIterable<RecordBatch>;
  /** Up to `count` records of one partition from `offset` on; fewer at the end or where cleaned. */
  read(
    topic: string,
    partition: number,
    offset: bigint,
    count: number,
  ): Promise<readonly LogRecord[]>;
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  lag(groupId: string, topics: readonly string[]): Promise<readonly PartitionLag[]>;
  /** Applies retention and compaction now; adapters whose server does this itself resolve at once. */
  clean(): Promise<void>;
  /** Stops every consumer and tail, then frees the log. May be called twice. */
  close(): Promise<void>;
}
